# SPDX-License-Identifier: Apache-2.0
"""Writes tb/vectors/keymgmt/security.vec: what Python's hashlib and hmac make of the profile choices in
docs/protocol.md.

usage: make_security.py > security.vec
"""

import hashlib
import hmac
import sys


def sha1(data):
    return hashlib.sha1(data).digest()


def mac(key, data):
    return hmac.new(key, data, "sha1").digest()


def p_sha1(secret, seed, length):
    out, a = b"", seed
    while len(out) < length:
        a = mac(secret, a)
        out += mac(secret, a + seed)
    return out[:length]


def main():
    print(f"# Python {sys.version_info[0]}.{sys.version_info[1]} hashlib and hmac: tb/vectors/keymgmt/make_security.py")
    session_key, subkey = bytes(range(32)), bytes(range(100, 116))
    # An AP Request without its HMAC: DOI 1, 6E 02 AB CD, nonce, SPI, one suite, flag.
    request = bytes.fromhex("020110" "6e02abcd" "1badcafe" "01020304" "01020c" "00")
    print("ap_request", session_key.hex(), (request + mac(sha1(session_key), request)).hex())
    reply = bytes.fromhex("030110" "6f01ee" "0a0b0c0d" "01020c" "00000e10" "0000003c" "00" "01")
    reply += mac(sha1(session_key), reply)
    print("ap_reply", session_key.hex(), reply.hex())
    header = bytes.fromhex("040110")
    print("sa_recovered", subkey.hex(), (header + mac(sha1(subkey), reply[-20:] + header)).hex())
    rekey = bytes.fromhex("050110" "00000007") + b"ctl\0" + b"260801120000Z"
    rekey += bytes.fromhex("0a0b0c0d" "01020c" "00000e10" "0000003c" "00")
    print("rekey", subkey.hex(), (rekey + mac(sha1(subkey), rekey)).hex())
    auth, trans = {1: 16, 2: 20, 0x21: 16, 0x22: 20}, {3: 24, 0x0B: 0, 0x0C: 16, 0x20: 0}
    for doi, authentication, transform in ((1, 2, 0x0C), (1, 1, 3), (1, 2, 0x0B), (2, 0x21, 0x21), (2, 0x22, 0x20)):
        n = auth[authentication]
        m = 16 if doi == 2 and transform == 0x21 else trans[transform]
        down, up = (p_sha1(subkey, label, n + m) for label in (b"controller to CTA", b"CTA to controller"))
        parts = (down[:n], down[n:], up[:n], up[n:])
        print("sa_keys", subkey.hex(), doi, authentication, transform, *(part.hex() or "-" for part in parts))


if __name__ == "__main__":
    main()
