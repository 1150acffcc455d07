// Who a client is: addresses in their one usual form, and the way back through X-Forwarded-For.

import assert from "node:assert/strict";
import { canonicalAddress } from "../../src/config_value.ts";
import { clientAddress, peerName } from "../../src/serve/address.ts";

Deno.test("an address has one form, and what is no address has none", () => {
  const forms: readonly [text: string, form: string | undefined][] = [
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["0:0:0:0:0:ffff:7f00:1", "127.0.0.1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["10.0.0.256", undefined],
    ["10.0.0.07", undefined],
    ["10.0.0", undefined],
    ["proxy.example", undefined],
    ["1::2::3", undefined],
    ["", undefined],
  ];
  for (const [text, form] of forms) assert.equal(canonicalAddress(text), form, text);
  assert.equal(peerName("0:0:0:0:0:ffff:7f00:1", 80), "127.0.0.1:80");
});

Deno.test("the client is the last address that no trusted proxy is, and nothing that it wrote itself", () => {
  const trusted = ["10.0.0.1", "10.0.0.2", "::1"];
  const cases: readonly [peer: string, forwardedFor: string | null, client: string][] = [
    ["192.0.2.1", null, "192.0.2.1"],
    ["192.0.2.1", "198.51.100.1", "192.0.2.1"],
    ["10.0.0.1", null, "10.0.0.1"],
    ["10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::ffff:10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2,::1", "198.51.100.1"],
    ["10.0.0.1", "[2001:db8::7]:1234", "2001:db8::7"],
    ["10.0.0.1", "198.51.100.1:1234", "198.51.100.1"],
    ["10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"],
    ["10.0.0.1", "198.51.100.1, unknown, 10.0.0.2", "10.0.0.2"],
    ["10.0.0.1", "10.0.0.2", "10.0.0.2"],
    ["10.0.0.1", "", "10.0.0.1"],
  ];
  for (const [peer, forwardedFor, client] of cases) {
    assert.equal(clientAddress(peer, forwardedFor, trusted), client, `${peer} ${forwardedFor}`);
  }
});
