import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake_clock.ts";
import { TokenTries } from "./token_tries.ts";

const tooMany = expect.objectContaining({ code: "request.tooMany" });

test("an address may try so often in a minute, and again in the next", async () => {
  const clock = new FakeClock();
  const tries = new TokenTries({ perMinute: 2, clock });
  tries.count("192.0.2.1");
  tries.count("192.0.2.1");
  expect(() => tries.count("192.0.2.1")).toThrow(tooMany);
  expect(() => tries.count("192.0.2.2")).not.toThrow();
  await clock.advance(60_000);
  expect(() => tries.count("192.0.2.1")).not.toThrow();
});

test("only so many addresses are remembered", () => {
  const tries = new TokenTries({ perMinute: 1, clock: new FakeClock() });
  tries.count("first");
  for (let i = 0; i < 10_000; i++) tries.count(`${i}`);
  // Forgotten: it counts from the beginning.
  expect(() => tries.count("first")).not.toThrow();
  expect(() => tries.count("9999")).toThrow(tooMany);
});
