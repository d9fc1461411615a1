import { describe, expect, test } from "vitest";
import { resolveAccess } from "../secrets_from_env.ts";
import { accessOfLink, isInsideHost } from "./link_access.ts";

const options = { env: { K: "k3y-of-mine" }, headers: { "x-api-key": "${K}", accept: "image/png" } };

function follow(given: string, link: string): { url: string; headers: Record<string, string> } {
  const { url, headers } = accessOfLink(link, { access: resolveAccess(given, options) });
  return { url, headers };
}

const secret = { "x-api-key": "k3y-of-mine", accept: "image/png" };
const plain = { accept: "image/png" };

describe("a link of a description", () => {
  test.each([
    [
      "of the same origin",
      "https://h.example/caps?key=${K}",
      "https://h.example/t",
      "https://h.example/t?key=k3y-of-mine",
      secret,
    ],
    [
      "of the same origin with a port",
      "http://h.example:81/caps?key=${K}",
      "http://h.example:81/t",
      "http://h.example:81/t?key=k3y-of-mine",
      secret,
    ],
    ["of the same host by plain http", "https://h.example/caps", "http://h.example/t", "https://h.example/t", secret],
    [
      "of the same host at an inner port",
      "https://h.example/caps",
      "http://h.example:8080/t",
      "https://h.example/t",
      secret,
    ],
    [
      "to a host that only the service reaches",
      "https://h.example/caps",
      "http://localhost/t?a=1",
      "https://h.example/t?a=1",
      secret,
    ],
    [
      "to a private address",
      "https://h.example/c",
      "http://192.168.0.7:81/{TileCol}",
      "https://h.example/{TileCol}",
      secret,
    ],
    ["to another host", "https://h.example/caps?key=${K}", "https://t.example/t", "https://t.example/t", plain],
    [
      "to a host that ends like it",
      "https://h.example/caps",
      "https://evil-h.example/t",
      "https://evil-h.example/t",
      plain,
    ],
    [
      "to another port, where the user gave one",
      "http://h.example:81/caps",
      "http://h.example:82/t",
      "http://h.example:82/t",
      plain,
    ],
    ["that asks for a variable", "https://h.example/caps", "https://t.example/${K}", "https://t.example/${K}", plain],
    [
      "with a password of its own",
      "https://h.example/caps",
      "https://u:p@t.example/t",
      "https://t.example/t",
      { ...plain, authorization: "Basic dTpw" },
    ],
  ])("%s", (_name, given, link, url, headers) => {
    expect(follow(given, link)).toEqual({ url, headers });
  });

  test.each([
    [
      "https://h.example/c?SERVICE=WMS&request=GetCapabilities&version=1.3.0&map=m",
      "https://h.example/g?",
      "https://h.example/g?map=m",
    ],
    ["https://h.example/c?map=m&key=1", "https://h.example/g?MAP=other&", "https://h.example/g?MAP=other&key=1"],
    ["https://h.example/c?f=json#x?y=z", "https://h.example/g", "https://h.example/g"],
  ])("takes along what belongs to the service: %s", (given, link, url) => {
    expect(follow(given, link).url).toBe(url);
  });

  test("of a file is asked as it is written, with the headers that the user gave", () => {
    const access = resolveAccess("", options);
    expect(accessOfLink("http://localhost/t", { access })).toMatchObject({
      url: "http://localhost/t",
      headers: secret,
    });
  });
});

test.each([
  ["localhost", true],
  ["geoserver", true],
  ["maps.internal", true],
  ["10.0.0.1", true],
  ["172.31.0.1", true],
  ["172.32.0.1", false],
  ["169.254.169.254", true],
  ["[::1]", true],
  ["[fd00::1]", true],
  ["[2001:db8::1]", false],
  ["10.example.org", false],
  ["maps.example.org", false],
  ["192.0.2.1", false],
])("%s lies inside: %s", (host, inside) => {
  expect(isInsideHost(host)).toBe(inside);
});
