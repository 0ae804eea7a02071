# SPDX-License-Identifier: Apache-2.0
"""impacket and minikerberos as clients, for scripts/test-peers: python_peer.py LIBRARY etypes, LIBRARY client NAME
PASSWORD SERVICE PORT or LIBRARY initial NAME SECRET, where SECRET is keytab:FILE or pkinit:CERTIFICATE,KEY,ANCHORS.
Prints AS and TGS with their etypes, and AP, as far as it comes; CANNOT EXCHANGE REASON for what
the library does not do. Neither binds its TGS-REQ to a checksum, which RFC 4120 section 5.4.1 asks for; so impacket's
ticket for the service comes by an AS-REQ. Both go by TCP alone."""
import asyncio
import datetime
import os
import re
import socket
import sys

ETYPES = {"aes128-cts-hmac-sha1-96": 17, "aes256-cts-hmac-sha1-96": 18}
MUTUAL_REQUIRED = 2
INAPPROPRIATE_CHECKSUM = 50
AUTHENTICATOR, AP_REPLY = 11, 12  # key usages


class Realm:
    """What krb5.conf says; neither library reads it."""

    def __init__(self):
        with open(os.environ["KRB5_CONFIG"]) as file:
            text = file.read()
        self.name = re.search(r"default_realm = (\S+)", text)[1]
        self.host, port = re.search(r"kdc = (\S+):(\d+)", text).groups()
        self.port = int(port)
        self.etype = ETYPES[re.search(r"default_tkt_enctypes = (\S+)", text)[1]]


def exchange(port, request):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.settimeout(20)
        server.connect(("127.0.0.1", port))
        server.send(request)
        return server.recv(65535)


def tell_tgs(code):
    if code != INAPPROPRIATE_CHECKSUM:
        raise SystemExit(f"TGS: code {code}")
    print("CANNOT TGS its request has no checksum (RFC 4120 section 5.4.1): code 50")


def impacket(realm, name, password, service, port):
    from impacket.krb5 import constants, kerberosv5
    from impacket.krb5.asn1 import AP_REP, AP_REQ, AS_REP, Authenticator, EncAPRepPart, seq_set
    from impacket.krb5.crypto import string_to_key
    from impacket.krb5.types import KerberosTime, Principal, Ticket
    from pyasn1.codec.der import decoder, encoder
    from pyasn1.type.univ import noValue

    send = kerberosv5.sendReceive
    kerberosv5.sendReceive = lambda data, host, kdc, port=0: send(data, host, realm.host, realm.port)
    client = Principal(name, type=constants.PrincipalNameType.NT_PRINCIPAL.value)
    key = string_to_key(realm.etype, password, realm.name + name).contents

    def ticket_for(server):
        return kerberosv5.getKerberosTGT(client, "", realm.name, b"", b"", key, realm.host, serverName=server)

    reply, cipher, _, session = ticket_for(None)
    print("AS", session.enctype)
    try:
        server = Principal(service, type=constants.PrincipalNameType.NT_SRV_INST.value)
        kerberosv5.getKerberosTGS(server, realm.name, realm.host, reply, cipher, session)
        print("TGS", session.enctype)
    except kerberosv5.KerberosError as error:
        tell_tgs(error.getErrorCode())

    reply, cipher, _, session = ticket_for(service)
    decoded = decoder.decode(reply, asn1Spec=AS_REP())[0]
    ticket = Ticket()
    ticket.from_asn1(decoded["ticket"])
    now = datetime.datetime.now(datetime.timezone.utc)
    authenticator = Authenticator()
    authenticator["authenticator-vno"] = 5
    authenticator["crealm"] = realm.name
    seq_set(authenticator, "cname", client.components_to_asn1)
    authenticator["cusec"], authenticator["ctime"] = now.microsecond, KerberosTime.to_asn1(now)
    request = AP_REQ()
    request["pvno"], request["msg-type"] = 5, int(constants.ApplicationTagNumbers.AP_REQ.value)
    request["ap-options"] = constants.encodeFlags([MUTUAL_REQUIRED])
    seq_set(request, "ticket", ticket.to_asn1)
    request["authenticator"] = noValue
    request["authenticator"]["etype"] = session.enctype
    request["authenticator"]["cipher"] = cipher.encrypt(session, AUTHENTICATOR, encoder.encode(authenticator), None)
    answer = decoder.decode(exchange(port, encoder.encode(request)), asn1Spec=AP_REP())[0]
    plain = cipher.decrypt(session, AP_REPLY, bytes(answer["enc-part"]["cipher"]))
    part = decoder.decode(plain, asn1Spec=EncAPRepPart())[0]
    if int(part["cusec"]) != now.microsecond or str(part["ctime"]) != KerberosTime.to_asn1(now):
        raise SystemExit("AP: another client nonce")
    print("AP")


def impacket_initial(realm, name, way, files):
    if way == "pkinit":
        print("CANNOT PKINIT impacket.krb5 makes no PA-PK-AS-REQ")
        return
    from impacket.krb5 import constants, kerberosv5
    from impacket.krb5.keytab import Keytab
    from impacket.krb5.types import Principal

    send = kerberosv5.sendReceive
    kerberosv5.sendReceive = lambda data, host, kdc, port=0: send(data, host, realm.host, realm.port)
    client = Principal(name, type=constants.PrincipalNameType.NT_PRINCIPAL.value)
    block = Keytab.loadFile(files[0]).getKey(f"{name}@{realm.name}", specificEncType=realm.etype)
    if block is None:
        raise SystemExit("keytab: no key")
    key = bytes.fromhex(block.hexlifiedValue().decode())
    session = kerberosv5.getKerberosTGT(client, "", realm.name, b"", b"", key, realm.host)[3]
    print("AS", session.enctype)


def minikerberos_initial(realm, name, way, files):
    from minikerberos.aioclient import AIOKerberosClient
    from minikerberos.common.creds import KerberosCredential
    from minikerberos.common.target import KerberosTarget
    from minikerberos.protocol.errors import KerberosError

    if way == "pkinit":
        # It sends its own certificate alone: `direct` is one that needs no other.
        own = [os.path.join(os.path.dirname(file), f"direct.{kind}") for file, kind in zip(files, ("pem", "key"))]
        try:
            credential = KerberosCredential.from_pem_file(*own, username=name, domain=realm.name)
        except Exception as error:  # of oscrypto, which is not there to be named where it does not load
            print(f"CANNOT PKINIT its oscrypto does not load this libcrypto: {error}")
            return
    else:
        credential = KerberosCredential.from_keytab(files[0], name, realm.name)
    credential.override_etypes = [realm.etype]

    async def play():
        client = AIOKerberosClient(credential, KerberosTarget(realm.host, port=realm.port))
        try:
            await client.get_TGT()
        except KerberosError as error:
            if way != "pkinit":
                raise
            print(f"CANNOT PKINIT it signs with SHA-1 and a group of 1,024 bits: code {error.errorcode.value}")
            return
        print("AS", client.kerberos_session_key.enctype)

    asyncio.run(play())


def minikerberos(realm, name, password, service, _):
    from minikerberos.aioclient import AIOKerberosClient
    from minikerberos.common.creds import KerberosCredential
    from minikerberos.common.spn import KerberosSPN
    from minikerberos.common.target import KerberosTarget
    from minikerberos.protocol.errors import KerberosError

    credential = KerberosCredential()
    credential.username, credential.domain, credential.password = name, realm.name, password
    credential.override_etypes = [realm.etype]
    server = KerberosSPN.from_spn(f"{service}@{realm.name}")

    async def play():
        client = AIOKerberosClient(credential, KerberosTarget(realm.host, port=realm.port))
        await client.get_TGT()
        print("AS", client.kerberos_session_key.enctype)
        try:
            await client.get_TGS(server)
            print("TGS", client.kerberos_session_key.enctype)
        except KerberosError as error:
            tell_tgs(error.errorcode.value)
        print("CANNOT AP it gets a ticket for a service from a TGS alone")

    asyncio.run(play())


def main():
    library = {"impacket": impacket, "minikerberos": minikerberos}[sys.argv[1]]
    if sys.argv[2:] == ["etypes"]:
        __import__(sys.argv[1])
        print("\n".join(str(etype) for etype in ETYPES.values()))
    elif sys.argv[2] == "initial":
        way, files = sys.argv[4].split(":")
        initial = {"impacket": impacket_initial, "minikerberos": minikerberos_initial}[sys.argv[1]]
        initial(Realm(), sys.argv[3], way, files.split(","))
    else:
        name, password, service, port = sys.argv[3:]
        library(Realm(), name, password, service, int(port))


if __name__ == "__main__":
    main()
