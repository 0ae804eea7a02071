# SPDX-License-Identifier: Apache-2.0
"""The peers of scripts/test-peers: how each is found or fetched, and how its program of tb/peers is built."""
import os
import pathlib
import re
import shutil
import sys
import tempfile

from realms import HeimdalRealm, Missing, MitRealm, find, tell

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Builder:
    """Finds, fetches and builds the peers in `out`; the model's programs are in `build`."""

    def __init__(self, out, build, fetch):
        self.out, self.build, self.fetch = out, build, fetch

    def unpack(self, name, packages):
        """Folder that `packages` of Debian and what they need beside this system are unpacked in; / if all are
        installed. Installing them would remove others: Heimdal's cannot be beside MIT's."""
        folder = self.out / name
        if folder.is_dir():
            return folder
        if not shutil.which("apt-get"):
            raise Missing("no apt-get to fetch it with")
        simulated = tell(["apt-get", "--simulate", "--no-install-recommends", "install", *packages], Missing)
        needed = re.findall(r"^Inst (\S+)", simulated, re.MULTILINE)
        if not needed:
            return pathlib.Path("/")
        if not self.fetch:
            raise Missing("it would be fetched, but for --installed")
        with tempfile.TemporaryDirectory(dir=self.out) as work:
            system = pathlib.Path(work, "system")
            tell(["apt-get", "download", *needed], Missing, cwd=work)
            for package in pathlib.Path(work).glob("*.deb"):
                tell(["dpkg", "-x", package, system], Missing)
            for link in (path for path in system.rglob("*") if path.is_symlink() and os.readlink(path)[0] == "/"):
                inside = system / os.readlink(link)[1:]
                if inside.exists():
                    link.unlink()
                    link.symlink_to(os.path.relpath(inside, link.parent))
            system.rename(folder)
        return folder

    def program(self, name):
        program = self.build / ("sim" if name == "reveille" else "tb") / name
        if not program.exists():
            sys.exit(f"no {program}: build the target {name}")
        return program


def only(folder, pattern):
    found = sorted(folder.glob(pattern))
    if not found:
        raise Missing(f"no {pattern} in {folder}")
    return found[-1]


class Peer:
    """Sets `node`, the command of the program in tb/peers, and `version`; raises Missing."""
    realm = None          # its KDC, if it has one
    wants = "client"      # which client of the model its service can answer; None: it has no service
    transports = ("udp", "tcp")
    requests = 3          # that its client sends to a KDC
    names = {}            # of etypes that it calls otherwise than MIT
    environment = {}

    def __init__(self):
        self.without = {}  # what of it is not installed, and why

    @property
    def one_way(self):
        """Its service makes no AP-REP."""
        return self.wants == "one-way-client"

    def kdc_address(self, port, transport):
        return f"127.0.0.1:{port}"

    def etypes(self):
        return [int(line) for line in tell([*self.node, "etypes"], env=os.environ | self.environment).split()]


class Mit(Peer):
    name = "MIT"

    def __init__(self, builder):
        super().__init__()
        if not find("krb5kdc"):
            raise Missing("no krb5kdc: scripts/setup installs it")
        self.node = [builder.program("peer_mit")]
        self.version = tell(["pkg-config", "--modversion", "krb5"]).strip()
        if not list(pathlib.Path("/usr/lib").glob("*/krb5/plugins/preauth/pkinit.so")):
            self.without["PKINIT"] = "not installed (Debian package krb5-pkinit)"
        self.realm = MitRealm


class Heimdal(Peer):
    name = "Heimdal"

    def __init__(self, builder):
        super().__init__()
        system = builder.unpack("heimdal", ["heimdal-kdc", "heimdal-clients", "heimdal-multidev"])
        header = only(system, "usr/include/heimdal/krb5.h")
        library = only(system, "usr/lib/*/libkrb5.so.26")
        self.environment = {"LD_LIBRARY_PATH": str(library.parent)}
        self.node = [builder.out / "heimdal-peer"]
        tell(["c++", "-std=c++20", "-O1", ROOT / "tb/peers/libkrb5.cpp", "-o", self.node[0], "-isystem", header.parent,
              f"-L{library.parent}/heimdal", f"-Wl,-rpath-link,{library.parent}", "-lkrb5"])
        kdc, kadmin = only(system, "usr/lib/heimdal-servers/kdc"), only(system, "usr/bin/kadmin.heimdal")
        text = tell([kdc, "--version"], env=os.environ | self.environment)
        self.version = re.search(r"Heimdal (\d[\d.]*\d)", text)[1]
        self.realm = lambda folder, etype, certificates: HeimdalRealm(folder, etype, certificates, kdc, kadmin,
                                                                      self.environment)

    def kdc_address(self, port, transport):
        return f"{transport}/127.0.0.1:{port}"


class Java(Peer):
    name = "Java"
    wants = "gss-client"
    ASK = "--add-exports=java.security.jgss/sun.security.krb5.internal.crypto=ALL-UNNAMED"

    def __init__(self, builder):
        super().__init__()
        javac = shutil.which("javac")
        if not javac:
            javac = only(builder.unpack("java", ["default-jdk-headless"]), "usr/lib/jvm/*/bin/javac")
        java = pathlib.Path(javac).resolve().parent / "java"
        classes = builder.out / "java-peer"
        tell([javac, "-nowarn", self.ASK, "-d", classes, ROOT / "tb/peers/Peer.java"])
        self.node = [java, self.ASK, "-XX:TieredStopAtLevel=1", "-Dsun.security.krb5.rcache=none", "-cp", classes,
                     "Peer"]
        self.version = re.search(r'"(.*?)"', tell([java, "-version"]))[1]
        self.weak = builder.out / "weak.conf"
        self.weak.write_text("[libdefaults]\n default_realm = NONE\n allow_weak_crypto = true\n")

    def etypes(self):
        java, *rest = self.node
        return [int(line) for line in tell([java, f"-Djava.security.krb5.conf={self.weak}", *rest, "etypes"]).split()]


class Gokrb5(Peer):
    name = "gokrb5"
    names = {16: "des3-cbc-sha1-kd"}  # its des3-cbc-sha1 is 7
    wants = "one-way-client"

    def __init__(self, builder):
        super().__init__()
        go = shutil.which("go") or only(builder.unpack("go", ["golang-go"]), "usr/lib/go-*/bin/go")
        folder = ROOT / "tb/peers/gokrb5"
        self.node = [builder.out / "gokrb5-peer"]
        environment = os.environ | {"GOFLAGS": "-buildvcs=false"} | ({} if builder.fetch else {"GOPROXY": "off"})
        tell([go, "mod", "download"], Missing, cwd=folder, env=environment)
        tell([go, "build", "-o", self.node[0], "."], cwd=folder, env=environment)
        self.version = re.search(r"gokrb5/v8 v(\S+)", (folder / "go.mod").read_text())[1]


class PythonPeer(Peer):
    """A library of Python's, a client alone, in an environment of its own."""
    wants = None
    transports = ("tcp",)

    def __init__(self, builder):
        super().__init__()
        library = self.name.lower()
        folder = builder.out / library
        python = folder / "bin/python"
        if not python.exists():
            if not builder.fetch:
                raise Missing("it would be fetched, but for --installed")
            try:
                tell([sys.executable, "-m", "venv", folder], Missing)
                tell([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                      f"{library}=={self.version}"], Missing)
            except Missing:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        self.node = [python, ROOT / "tb/peers/python_peer.py", library]


class Impacket(PythonPeer):
    name = "impacket"
    version = "0.13.1"
    requests = 5


class Minikerberos(PythonPeer):
    name = "minikerberos"
    version = "0.4.9"
