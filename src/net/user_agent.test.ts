import { expect, test } from "vitest";
import { addContact, hasContact } from "./user_agent.ts";

test("a User-Agent of one's own gets the contact that it lacks, and no other", () => {
  expect(addContact("mine/1", "me@example.org")).toBe("mine/1 (contact: me@example.org)");
  expect(addContact("mine/1", "me@example.org\r\nX-Evil: 1")).toBe("mine/1 (contact: me@example.orgX-Evil: 1)");
  for (const userAgent of ["mine/1 (you@example.org)", "mine/1 (+https://example.org)", "", " "])
    expect(addContact(userAgent, "me@example.org")).toBe(userAgent);
  expect(addContact("mine/1", " ")).toBe("mine/1");
});

test("a contact is an address of mail or of the web", () => {
  expect(["a@b", "http://a", "https://a"].map(hasContact)).toEqual([true, true, true]);
  expect(["", "mine/1", "Tilth/0.1 (contact: not given)"].map(hasContact)).toEqual([false, false, false]);
});
