# SPDX-License-Identifier: Apache-2.0
"""What scripts/test-peers has of a realm: its names, its configuration, and the KDCs: ours, MIT's and Heimdal's."""
import contextlib
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

REALM = "REVEILLE.TEST"
PASSWORD = "correct horse"
DEVICE = "device"  # a principal that has a certificate
ETYPES = {16: "des3-cbc-sha1", 17: "aes128-cts-hmac-sha1-96", 18: "aes256-cts-hmac-sha1-96",
          19: "aes128-cts-hmac-sha256-128", 20: "aes256-cts-hmac-sha384-192"}
TIME_LIMIT = 120  # seconds, of one exchange; a loaded machine starts Java slowly


class Failure(Exception):
    """What was said by a command that had to work."""


class Missing(Failure):
    """Why a peer is not there."""


def tell(command, failure=Failure, **options):
    """Output of a command that has to work."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        said = [line for line in done.stdout.splitlines() if line.strip()] or [f"status {done.returncode}"]
        raise failure(f"{pathlib.Path(command[0]).name}: {said[-1].strip()}")
    return done.stdout


def find(program):
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def client(etype):
    return f"cta{etype}"


def service(etype):
    return f"mtaprovsrvr/ctl{etype}.reveille.test"


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


class Certificates:
    """A manufacturer's, that of a KDC and that of a device, with their keys: names of files."""

    def __init__(self, folder):
        self.folder = folder
        self.authority, self.between = folder / "ca.pem", folder / "sub.pem"

    def pair(self, name):
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


ADDRESSES = itertools.count()


def loopback_pair():
    """Two addresses of loopback's that no other run has."""
    process, number = os.getpid(), next(ADDRESSES)
    start = f"127.{100 + process % 150}.{(process // 150 * 16 + number) % 250}"
    return f"{start}.1", f"{start}.2"


def write_private(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def write_configuration(folder, address, etype, transport, certificates, name=None):
    """The krb5.conf that all peers read. Each knows some of these names, and ignores the others."""
    etypes = "".join(f" {key} = {name or ETYPES[etype]}\n" for key in (
        "default_tkt_enctypes", "default_tgs_enctypes", "permitted_enctypes", "default_etypes"))
    limit = " udp_preference_limit = 1\n" if transport == "tcp" else ""
    weak = " allow_weak_crypto = true\n allow_des3 = true\n" if etype == 16 else ""
    (folder / "krb5.conf").write_text(
        f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n"
        f" dns_canonicalize_hostname = false\n rdns = false\n pkinit_dh_min_bits = 1500\n{weak}{etypes}{limit}"
        f"[realms]\n {REALM} = {{\n  kdc = {address}\n  pkinit_anchors = FILE:{certificates.authority}\n"
        f"  pkinit_pool = FILE:{certificates.between}\n }}\n")


class Realm:
    """A KDC: one client, one service and a device, with keys of one etype; those of service and client in `keytab` and
    `client_keytab`."""

    def __init__(self, folder, etype, certificates):
        self.folder, self.etype, self.certificates, self.port = folder, etype, certificates, free_port()
        self.keytab, self.client_keytab = folder / "keytab", folder / "client.keytab"
        self.environment = os.environ.copy()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, command):
        with open(self.folder / "kdc.out", "w") as output:
            self.daemon = subprocess.Popen(command, env=self.environment, stdout=output, stderr=output,
                                           stdin=subprocess.DEVNULL, start_new_session=True)
        limit = time.monotonic() + TIME_LIMIT
        while time.monotonic() < limit and self.daemon.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)
        self.stop()
        raise Failure(f"its KDC does not start: {(self.folder / 'kdc.out').read_text().strip()[-200:]}")

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.daemon.pid, signal.SIGTERM)  # Heimdal's has a child that serves
        self.daemon.wait()


class OurRealm(Realm):
    """`reveille kdc`."""

    def __init__(self, folder, etype, certificates, program):
        super().__init__(folder, etype, certificates)
        own, key = certificates.pair("kdc")
        file, self.log, self.every_key = folder / "kdc.json", folder / "kdc.out", folder / "every.keytab"
        file.write_text(json.dumps({
            "realm": REALM, "database": "principals.db", "listen": ["127.0.0.1"], "port": self.port,
            "largest_datagram": 65000, "weak_etypes": etype == 16,
            "certificates": {"certificate": str(own), "key": str(key), "anchors": str(certificates.authority)}}))
        write_private(folder / "password", PASSWORD)
        principal = [program, "kdc", "principal"]
        for words in (["add", client(etype), "--etypes", str(etype), "--password-file", folder / "password"],
                      ["add", service(etype), "--etypes", str(etype)], ["add", DEVICE, "--etypes", str(etype)],
                      ["keytab", service(etype), "--out", self.keytab],
                      ["keytab", client(etype), "--out", self.client_keytab],
                      ["keytab", client(etype), service(etype), f"krbtgt/{REALM}", "--out", self.every_key]):
            tell([*principal, *words, "--config", file])
        self.start([program, "kdc", "--config", file, "--log", "json"])

    def requests(self):
        """How many came by each transport."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        came = [line["transport"] for line in lines if line["event"] in ("as-req", "tgs-req")]
        return came.count("udp"), came.count("tcp")


class MitRealm(Realm):
    def __init__(self, folder, etype, certificates):
        super().__init__(folder, etype, certificates)
        own, key = certificates.pair("kdc")
        write_configuration(folder, f"127.0.0.1:{self.port}", etype, "udp", certificates)
        (folder / "kdc.conf").write_text(
            f"[realms]\n {REALM} = {{\n  kdc_listen = 127.0.0.1:{self.port}\n"
            f"  kdc_tcp_listen = 127.0.0.1:{self.port}\n  database_name = {folder}/principal\n"
            f"  key_stash_file = {folder}/stash\n"
            f"  supported_enctypes = {ETYPES[etype]}:normal\n  default_principal_flags = +preauth\n"
            f"  pkinit_identity = FILE:{own},{key}\n  pkinit_anchors = FILE:{certificates.authority}\n"
            f"  pkinit_pool = FILE:{certificates.between}\n }}\n")
        self.environment |= {"KRB5_CONFIG": f"{folder}/krb5.conf", "KRB5_KDC_PROFILE": f"{folder}/kdc.conf"}
        tell([find("kdb5_util"), "create", "-s", "-r", REALM, "-P", "master"], env=self.environment)
        for query in (f'addprinc -pw "{PASSWORD}" {client(etype)}', f"addprinc -randkey {service(etype)}",
                      f"addprinc -randkey {DEVICE}", f"ktadd -k {self.keytab} -norandkey {service(etype)}",
                      f"ktadd -k {self.client_keytab} -norandkey {client(etype)}"):
            tell([find("kadmin.local"), "-r", REALM, "-q", query], env=self.environment)
        self.start([find("krb5kdc"), "-n", "-r", REALM, "-P", folder / "kdc.pid"])


class HeimdalRealm(Realm):
    def __init__(self, folder, etype, certificates, kdc, kadmin, environment):
        super().__init__(folder, etype, certificates)
        own, key = certificates.pair("kdc")
        self.environment |= environment
        weak = " allow_weak_crypto = true\n" if etype == 16 else ""
        file = folder / "kdc.conf"
        file.write_text(
            f"[libdefaults]\n default_realm = {REALM}\n{weak}[kadmin]\n default_keys = {ETYPES[etype]}:pw-salt\n"
            f"[kdc]\n enable-pkinit = yes\n pkinit_identity = FILE:{own},{key}\n"
            f" pkinit_anchors = FILE:{certificates.authority}\n pkinit_pool = FILE:{certificates.between}\n"
            f" pkinit_principal_in_certificate = yes\n"
            f" database = {{\n  dbname = {folder}/heimdal\n  realm = {REALM}\n  mkey_file = {folder}/m-key\n"
            f"  acl_file = {folder}/acl\n  log_file = {folder}/log\n }}\n[logging]\n kdc = FILE:{folder}/kdc.log\n")
        for command in (["init", "--realm-max-ticket-life=1d", "--realm-max-renewable-life=1d", REALM],
                        ["add", "--use-defaults", f"--password={PASSWORD}", client(etype)],
                        ["add", "--use-defaults", "--random-key", service(etype)],
                        ["add", "--use-defaults", "--random-key", DEVICE],
                        ["ext_keytab", f"--keytab={self.keytab}", service(etype)],
                        ["ext_keytab", f"--keytab={self.client_keytab}", client(etype)]):
            tell([kadmin, "-l", "-c", file, "-r", REALM, *command], env=self.environment)
        self.start([kdc, "-c", file, "--addresses=127.0.0.1", "-P", str(self.port)])
