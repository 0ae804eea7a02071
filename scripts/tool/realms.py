# SPDX-License-Identifier: Apache-2.0
"""What scripts/test-peers has of a realm: its names, its configuration, and the KDCs of MIT and Heimdal."""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

REALM = "REVEILLE.TEST"
PASSWORD = "correct horse"
ETYPES = {17: "aes128-cts-hmac-sha1-96", 18: "aes256-cts-hmac-sha1-96", 19: "aes128-cts-hmac-sha256-128",
          20: "aes256-cts-hmac-sha384-192"}
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


def write_configuration(folder, address, etype, transport):
    """The krb5.conf that all peers read. Each knows some of these names, and ignores the others."""
    etypes = "".join(f" {name} = {ETYPES[etype]}\n" for name in (
        "default_tkt_enctypes", "default_tgs_enctypes", "permitted_enctypes", "default_etypes"))
    limit = " udp_preference_limit = 1\n" if transport == "tcp" else ""
    (folder / "krb5.conf").write_text(
        f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n"
        f" dns_canonicalize_hostname = false\n rdns = false\n{etypes}{limit}"
        f"[realms]\n {REALM} = {{\n  kdc = {address}\n }}\n")


class Realm:
    """A KDC of a peer: one client and one service, with keys of one etype; the service's in `keytab`."""

    def __init__(self, folder, etype):
        self.folder, self.etype, self.port = folder, etype, free_port()
        self.keytab = folder / "keytab"
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


class MitRealm(Realm):
    def __init__(self, folder, etype):
        super().__init__(folder, etype)
        write_configuration(folder, f"127.0.0.1:{self.port}", etype, "udp")
        (folder / "kdc.conf").write_text(
            f"[realms]\n {REALM} = {{\n  kdc_listen = 127.0.0.1:{self.port}\n"
            f"  kdc_tcp_listen = 127.0.0.1:{self.port}\n  database_name = {folder}/principal\n"
            f"  key_stash_file = {folder}/stash\n"
            f"  supported_enctypes = {ETYPES[etype]}:normal\n  default_principal_flags = +preauth\n }}\n")
        self.environment |= {"KRB5_CONFIG": f"{folder}/krb5.conf", "KRB5_KDC_PROFILE": f"{folder}/kdc.conf"}
        tell([find("kdb5_util"), "create", "-s", "-r", REALM, "-P", "master"], env=self.environment)
        for query in (f'addprinc -pw "{PASSWORD}" {client(etype)}', f"addprinc -randkey {service(etype)}",
                      f"ktadd -k {self.keytab} -norandkey {service(etype)}"):
            tell([find("kadmin.local"), "-r", REALM, "-q", query], env=self.environment)
        self.start([find("krb5kdc"), "-n", "-r", REALM, "-P", folder / "kdc.pid"])


class HeimdalRealm(Realm):
    def __init__(self, folder, etype, kdc, kadmin, environment):
        super().__init__(folder, etype)
        self.environment |= environment
        file = folder / "kdc.conf"
        file.write_text(
            f"[libdefaults]\n default_realm = {REALM}\n[kadmin]\n default_keys = {ETYPES[etype]}:pw-salt\n"
            f"[kdc]\n database = {{\n  dbname = {folder}/heimdal\n  realm = {REALM}\n  mkey_file = {folder}/m-key\n"
            f"  acl_file = {folder}/acl\n  log_file = {folder}/log\n }}\n[logging]\n kdc = FILE:{folder}/kdc.log\n")
        for command in (["init", "--realm-max-ticket-life=1d", "--realm-max-renewable-life=1d", REALM],
                        ["add", "--use-defaults", f"--password={PASSWORD}", client(etype)],
                        ["add", "--use-defaults", "--random-key", service(etype)],
                        ["ext_keytab", f"--keytab={self.keytab}", service(etype)]):
            tell([kadmin, "-l", "-c", file, "-r", REALM, *command], env=self.environment)
        self.start([kdc, "-c", file, "--addresses=127.0.0.1", "-P", str(self.port)])
