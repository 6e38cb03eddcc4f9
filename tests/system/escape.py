#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Processes of containers that get out of them: each container is made here,
of namespaces and a root of its own; what its process did is compared with
what the log has of it, and what the container itself does is not in it."""
import ctypes
import os
import platform
import signal
import sys

import lab
import stage

LIBC = ctypes.CDLL(None, use_errno=True)
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}.get(platform.machine())
NEWNS, NEWUTS, NEWIPC, NEWPID, NEWNET = (
    0x20000, 0x4000000, 0x8000000, 0x20000000, 0x40000000)
BIND, REC, PRIVATE, DETACH = 4096, 0x4000, 0x40000, 2
ON = "escape: {log: on}\n"
STORM = 20
ANY = object()
FD = 40                         # that is left open for the container

# What runs in a container begins so.
INSIDE = """
import ctypes, os, sys
LIBC = ctypes.CDLL(None, use_errno=True)
def must(got):
    if got < 0:
        raise OSError(ctypes.get_errno(), "?")
    return got
def setns(fd, flags):
    must(LIBC.setns(fd, flags))
FD = %d
""" % FD


def of_memory(code):
    """Code that goes on as a memfd, which does that."""
    return ("fd = os.memfd_create('m')\n"
            "os.write(fd, open('/usr/bin/python3', 'rb').read())\n"
            f"os.execve(fd, ['m', '-S', '-c', {INSIDE + code!r}], {{}})")


def must(got, what):
    if got < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def mount(what, where, kind=None, flags=0):
    must(LIBC.mount(what.encode(), where.encode(),
                    kind and kind.encode(), flags, None), where)


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def outermost():
    """Of our line, who is in the host's namespaces for sure: a test may have
    mounts of its own.  Process 1 itself may be out of reach."""
    found = pid = os.getpid()
    while pid:
        try:
            os.stat(f"/proc/{pid}/ns/mnt")
            found = pid
        except PermissionError:
            pass
        with open(f"/proc/{pid}/stat", "rb") as f:
            pid = int(f.read().rsplit(b")", 1)[1].split()[1])
    return found


def make_root(root, volume, way):
    """Its own root, with the host's programs; the host's root is gone."""
    mount("none", "/", None, REC | PRIVATE)
    mount("tmpfs", root, "tmpfs")
    for name in "usr", "proc", "old", "data", "tmp", "dev":
        os.mkdir(f"{root}/{name}")
    mount("/usr", f"{root}/usr", None, BIND | REC)
    for name in "bin", "sbin", "lib", "lib64":
        if os.path.islink(f"/{name}"):
            os.symlink(f"usr/{name}", f"{root}/{name}")
    mount("proc", f"{root}/proc", "proc")
    mount(volume, f"{root}/data", None, BIND)
    os.chdir(root)
    if way == "move":           # as where the root is an initramfs's
        must(LIBC.mount(b".", b"/", None, 8192, None), "move")
        os.chroot(".")
    else:
        must(LIBC.syscall(PIVOT_ROOT, b".", b"old"), "pivot_root")
        os.chdir("/")
        must(LIBC.umount2(b"/old", DETACH), "umount")
    os.chdir("/")


class Test(stage.Stage):
    def __init__(self, undo):
        super().__init__(undo, "escape", b"ESCAPE", b"DIGEST")
        self.marks.append(b' spid2="%d"' % os.getpid())
        self.outer = outermost()
        self.host, self.volume = f"{self.path}/host", f"{self.path}/volume"
        for name in self.host, self.volume, f"{self.path}/root":
            os.mkdir(name)
        for name in "secret", "prog":
            with open(f"{self.host}/{name}", "wb") as f:
                with open("/bin/true", "rb") as true:
                    f.write(true.read())
            os.chmod(f"{self.host}/{name}", 0o755)
        os.mkfifo(f"{self.host}/fifo")
        with open(f"{self.volume}/file", "w", encoding="ascii"):
            pass

    def box(self, code, spaces=NEWPID, fd=None, way="pivot", wait=True):
        """Runs code in a new container, which has fd as FD; its pid."""
        reader, writer = os.pipe()
        outer = os.fork()
        if outer == 0:
            status = 97
            try:
                if fd is not None:
                    os.dup2(fd, FD)
                home = os.open("/proc/self/ns/mnt", os.O_RDONLY)
                must(LIBC.unshare(NEWNS | spaces), "unshare")
                inner = os.fork()
                if inner == 0:
                    if way == "kept":   # the root: /tmp may be no disk
                        os.dup2(os.open("/", os.O_RDONLY), FD)
                    make_root(f"{self.path}/root", self.volume, way)
                    os.execv("/usr/bin/python3", [
                        "python3", "-S", "-c", INSIDE + code])
                must(LIBC.setns(home, NEWNS), "setns")   # it is alone there
                os.write(writer, b"%d" % inner)
                status = os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1])
            except OSError as error:
                print(f"# {error}", flush=True)
            finally:
                os._exit(status & 0x7f)
        os.close(writer)
        pid = int(os.read(reader, 20) or b"0")
        os.close(reader)
        if wait and os.waitpid(outer, 0)[1]:
            self.report("setup", [f"exit of {code!r}"])
        return pid if wait else (pid, outer)

    def judge(self, cases):
        """cases: (name, pid, fields of its messages)."""
        fd = os.open(self.host, os.O_RDONLY)
        last = self.box("os.open('.', os.O_RDONLY, dir_fd=FD)", fd=fd)
        os.close(fd)
        if not lab.until(lambda: last in self.told(b"ESCAPE"), 20):
            self.report("last", [self.collector.trouble()])
        seen = self.told(b"ESCAPE")
        for name, pid, want in cases:
            found = seen.get(pid, [])
            wrong = [] if len(found) == len(want) else [
                f"{len(found)} messages", *(str(m.msg) for m in found)]
            for m, fields in zip(found, want):
                wrong += self.compare(m, fields)
            self.report(name, wrong)

    def compare(self, m, want):
        event, ancestry = m.element(b"event"), m.element(b"ancestry")
        want = {"act": "escape", "outcome": None, "entered": None,
                "place": None, "filePath": None, "access": None, **want}
        if want["way"] == "open":
            want = {**want, "access": want["access"] or "read,cloexec"}
        for key, value in want.items():
            got = event.get(key.encode())
            if value is not ANY and \
                    got != (None if value is None else value.encode()):
                yield f"{key}: {value} expected, {got}"
        if int(ancestry[b"depth"]) < 3:
            yield f"ancestry {ancestry}"
        if want["entered"] is None and event.get(b"mntns") is None:
            yield "no mntns"
        did = {"setns": " entered the host's ", "exec": " executed ",
               "open": " opened "}[want["way"]]
        if b" left its container and" + did.encode() not in m.msg or \
                (event.get(b"place") == b"host") != (b" of the host" in
                                                     m.msg):
            yield f"sentence {m.msg}"

    def opened(self, place="host", path=None, **more):
        return {"way": "open", "place": place,
                "filePath": path or f"{self.host}/secret", **more}

    def files(self):
        """What a descriptor of the host leads to."""
        fd = os.open(self.host, os.O_RDONLY)
        read = "os.open('secret', os.O_RDONLY, dir_fd=FD)"
        link = f"/proc/self/fd/{FD}"
        exe = {"way": "exec", "place": "host", "filePath": f"{self.host}/prog"}
        top = os.open("/", os.O_RDONLY)
        yield ("chroot-leaked", self.box(
            f"os.fchdir(FD)\nos.chroot('.')\n"
            f"os.open('{self.host}/secret', os.O_RDONLY)", fd=top),
            [self.opened()])
        os.close(top)
        cases = [
            ("leaked", read, [self.opened(asked="secret")]),
            ("write", "os.open('secret', os.O_WRONLY, dir_fd=FD)",
             [self.opened(access="write,cloexec")]),
            ("path", "os.open('secret', os.O_PATH, dir_fd=FD)",
             [self.opened(access="path,cloexec")]),
            ("cwd", "os.fchdir(FD)\nos.open('../host/secret', os.O_RDONLY)",
             [self.opened(cwd=self.host)]),
            ("link", f"os.open('{link}/secret', os.O_RDONLY)",
             [self.opened(asked=f"{link}/secret")]),
            ("exec", f"os.execv('{link}/prog', ['x'])", [exe]),
            ("fexecve", "os.execve(os.open('prog', os.O_PATH, dir_fd=FD), "
             "['x'], {})", [self.opened(path=f"{self.host}/prog",
                                        access="path,cloexec"), exe]),
            ("memfd", of_memory(read), [self.opened()]),
            ("fifo", "os.open('fifo', os.O_RDWR, dir_fd=FD)", []),
            *self.handles(),
        ]
        for name, code, want in cases:
            yield name, self.box(code, fd=fd), want
        yield ("detached", self.box(
            "os.open('etc/passwd', os.O_RDONLY, dir_fd=FD)", way="kept"),
            [self.opened("detached", "/etc/passwd")])
        yield ("moved", self.box(read, fd=fd, way="move"), [self.opened()])
        os.close(fd)

    def handles(self):
        """Not every file system has them, and not every root may."""
        handle = (ctypes.c_char * 128)(120)
        mount_id = ctypes.c_int()
        must(LIBC.name_to_handle_at(
            -100, f"{self.host}/secret".encode(), handle,
            ctypes.byref(mount_id), 0), "name_to_handle_at")
        begin = f"where = ctypes.create_string_buffer({handle.raw!r})\n"
        want = {"access": "read", "traits": "by-handle"}
        fd = os.open(self.host, os.O_RDONLY)
        try:
            must(LIBC.open_by_handle_at(fd, handle, os.O_RDONLY), "handle")
        except OSError as error:
            print(f"SKIP: escape/by-handle: {error}")
            return []
        finally:
            os.close(fd)
        return [
            ("by-handle", begin +
             "must(LIBC.open_by_handle_at(FD, where, os.O_RDONLY))",
             [self.opened(**want)]),
            ("by-handle-volume", begin + "fd = os.open('/data', os.O_RDONLY)\n"
             "must(LIBC.open_by_handle_at(fd, where, os.O_RDONLY))",
             [{"way": "open", **want, "filePath": ANY, "place": ANY}]),
            ("by-handle-own", begin + "fd = os.open('/data', os.O_RDONLY)\n"
             "must(LIBC.name_to_handle_at(fd, b'file', where,"
             " ctypes.byref(ctypes.c_int()), 0))\n"
             "must(LIBC.open_by_handle_at(fd, where, os.O_RDONLY))", []),
        ]

    def own(self):
        """What is a container's own, or no container's."""
        yield ("inside", self.box("""
open('/data/file').read()
open('/tmp/new', 'w').write('x')
open('/proc/self/status').read()
os.listdir('/')
os.listdir('/data')
os.readlink('/proc/self/exe')
fd = os.memfd_create('x')
open(f'/proc/self/fd/{fd}').read()
r, w = os.pipe()
open(f'/proc/self/fd/{r}').fileno()
LIBC.unshare(0x20000)
must(LIBC.mount(b'none', b'/', None, 0x44000, None))
must(LIBC.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None))
open('/tmp/private', 'w').write('x')
"""), [])
        yield ("sandbox-of-its-own", self.box("""
pid = os.fork()
r, w = os.pipe()
if pid == 0:
    LIBC.unshare(0x20000)
    must(LIBC.mount(b'none', b'/', None, 0x44000, None))
    must(LIBC.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None))
    open('/tmp/private', 'w').write('x')
    os.pause() if hasattr(os, 'pause') else __import__('time').sleep(20)
import time
for _ in range(400):
    time.sleep(0.01)
    if os.path.exists(f'/proc/{pid}/root/tmp/private'):
        break
os.open(f'/proc/{pid}/root/tmp/private', os.O_RDONLY)
os.kill(pid, 9)
"""), [])
        yield "private-tmp", self.sandbox(), []
        yield "chroot", self.chroot(), []

    def child(self, do):
        pid = os.fork()
        if pid == 0:
            try:
                do()
                os._exit(0)
            except OSError as error:
                print(f"# {error}", flush=True)
            finally:
                os._exit(98)
        if os.waitpid(pid, 0)[1]:
            self.report("setup", ["a child failed"])
        return pid

    def sandbox(self):
        """A service with PrivateTmp: a mount namespace, the host's root."""
        fd = os.open(self.host, os.O_RDONLY)

        def do():
            must(LIBC.unshare(NEWNS), "unshare")
            mount("none", "/", None, REC | PRIVATE)
            mount("tmpfs", f"{self.path}/root", "tmpfs")
            os.open("secret", os.O_RDONLY, dir_fd=fd)
            os.execv(f"/proc/self/fd/{fd}/prog", ["x"])

        os.set_inheritable(fd, True)
        pid = self.child(do)
        os.close(fd)
        return pid

    def chroot(self):
        """In the host's mount namespace, which may not be ours."""
        fd = os.open(self.host, os.O_RDONLY)

        def do():
            must(LIBC.setns(os.open(f"/proc/{self.outer}/ns/mnt",
                                    os.O_RDONLY), 0), "setns")
            os.chroot(self.volume)
            os.open("secret", os.O_RDONLY, dir_fd=fd)

        pid = self.child(do)
        os.close(fd)
        return pid

    def stay(self, spaces=NEWPID):
        """A container whose process waits; its pid."""
        pid, outer = self.box("import time\nos.open('/tmp/here', os.O_CREAT)"
                              "\ntime.sleep(60)", spaces, wait=False)
        self.undo.callback(kill, pid)
        if not lab.until(lambda: os.path.exists(f"/proc/{pid}/root/tmp/here"),
                         20):
            self.report("setup", ["the container is not there"])
        return pid, outer

    def others(self):
        """By /proc of processes, where a container sees all of them."""
        pid, outer = self.stay()
        path = f"/proc/{self.outer}/root{self.host}"
        yield ("proc-root", self.box(
            f"os.open('{path}/secret', os.O_RDONLY)", 0),
            [self.opened(asked=f"{path}/secret")])
        # its root is the host's from then on, its namespace is not
        out = f"os.chroot('/proc/{self.outer}/root')\nos.chdir('/')\n"
        yield ("chroot-out", self.box(
            f"{out}os.open('{self.host}/secret', os.O_RDONLY)", 0),
            [self.opened()])
        yield ("chroot-out-exec", self.box(
            f"{out}os.execv('{self.host}/prog', ['x'])", 0),
            [{"way": "exec", "place": "host",
              "filePath": f"{self.host}/prog"}])
        yield ("other", self.box(
            f"os.open('/proc/{pid}/root/tmp/here', os.O_RDONLY)", 0),
            [self.opened("other", "/tmp/here")])
        yield ("other-chroot", self.box(
            f"os.chroot('/proc/{pid}/root')\nos.chdir('/')\n"
            "os.open('tmp/here', os.O_RDONLY)", 0),
            [self.opened("other", "/tmp/here", asked="tmp/here")])

        def enter():
            spaces = [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
                      for name in ("pid", "mnt")]
            for fd in spaces:
                must(LIBC.setns(fd, 0), "setns")
            os.open("/tmp/here", os.O_RDONLY)
            os.execv("/usr/bin/python3", ["python3", "-S", "-c",
                                          "open('/tmp/here')"])

        yield "entered-from-outside", self.child(enter), []

        def runtime():
            """It runs as a memfd; time is not the container's own."""
            fd = os.memfd_create("runtime")
            with open("/usr/bin/python3", "rb") as f:
                os.write(fd, f.read())
            spaces = ["time", "mnt", "pid", "time"]
            code = f"""
fds = [os.open(f'/proc/{pid}/ns/{{s}}', os.O_RDONLY) for s in {spaces}]
for fd in fds:
    setns(fd, 0)
os.open('/tmp/here', os.O_RDONLY)
"""
            os.execve(fd, ["m", "-S", "-c", INSIDE + code], {})

        yield "runtime-of-memory", self.child(runtime), []
        os.kill(pid, signal.SIGKILL)
        os.waitpid(outer, 0)

    def spaces(self):
        all_ = NEWPID | NEWNET | NEWUTS | NEWIPC
        for kind in "net", "mnt", "uts", "ipc":
            fd = os.open(f"/proc/{self.outer}/ns/{kind}", os.O_RDONLY)
            want = [{"way": "setns", "entered": kind}]
            for flags in 0, {"net": NEWNET, "mnt": NEWNS, "uts": NEWUTS,
                             "ipc": NEWIPC}[kind]:
                yield (f"setns-{kind}{'-asked' if flags else ''}",
                       self.box(f"setns(FD, {flags})", all_, fd), want)
            os.close(fd)
        fd = os.pidfd_open(self.outer)
        yield ("setns-pidfd",
               self.box(f"setns(FD, {NEWNS | NEWNET | NEWUTS})", all_, fd),
               [{"way": "setns", "entered": "mnt,net,uts"}])
        os.close(fd)
        yield ("setns-own", self.box(
            "setns(os.open('/proc/self/ns/net', os.O_RDONLY), 0)", all_), [])
        # that it shares with the host is not entered
        fd = os.open(f"/proc/{self.outer}/ns/mnt", os.O_RDONLY)
        yield ("setns-shared-pids", self.box("setns(FD, 0)", 0, fd),
               [{"way": "setns", "entered": "mnt"}])

        yield ("setns-of-memory", self.box(of_memory("setns(FD, 0)"), 0, fd),
               [{"way": "setns", "entered": "mnt"}])
        yield self.service(all_)

        def back():
            must(LIBC.unshare(NEWNS | NEWNET), "unshare")
            must(LIBC.setns(fd, 0), "setns")

        yield "setns-of-the-host", self.child(back), []
        os.close(fd)

    def service(self, spaces):
        """The mount namespace of a service of the host, with PrivateTmp."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                must(LIBC.unshare(NEWNS), "unshare")
                mount("none", "/", None, REC | PRIVATE)
                os.write(writer, b"x")
                signal.pause()
            finally:
                os._exit(98)
        self.undo.callback(kill, pid)
        os.read(reader, 1)
        fd = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
        kill(pid)
        os.waitpid(pid, 0)
        try:
            return ("setns-service", self.box("setns(FD, 0)", spaces, fd),
                    [{"way": "setns", "entered": "mnt"}])
        finally:
            for each in fd, reader, writer:
                os.close(each)

    def modes(self):
        wrong = []
        if "escape" in self.probes(""):
            wrong.append("on by default")
        if not {"escape", "escape-exec"} <= set(self.probes(ON)):
            wrong.append("not on")
        if "escape" in self.probes(""):
            wrong.append("not off again")
        fd = os.open(self.host, os.O_RDONLY)
        pid = self.box("os.open('secret', os.O_RDONLY, dir_fd=FD)", fd=fd)
        os.close(fd)
        self.load(ON)
        if pid in self.told(b"ESCAPE"):
            wrong.append("told while it is off")
        self.report("modes", wrong)

    def crash(self):
        """What happens while there is no collector."""
        self.collector.kill()
        fd = os.open(self.host, os.O_RDONLY)
        pids = [self.box("os.open('secret', os.O_RDONLY, dir_fd=FD)", fd=fd)
                for _ in range(3)]
        os.close(fd)
        self.collector.start()
        lab.until(lambda: all(pid in self.told(b"ESCAPE") for pid in pids), 20)
        seen = self.told(b"ESCAPE")
        self.report("crash", [f"{pid}: {len(seen.get(pid, []))} messages"
                              for pid in pids if len(seen.get(pid, [])) != 1])

    def storm(self):
        """One process that does it in a loop is counted."""
        self.text = self.text.replace("storm: off", f"storm: {STORM}")
        self.load(ON)
        fd = os.open(self.host, os.O_RDONLY)
        pid = self.box("for _ in range(500):\n"
                       " os.close(os.open('secret', os.O_RDONLY, dir_fd=FD))",
                       fd=fd)
        os.close(fd)
        lab.until(lambda: len(self.told(b"ESCAPE").get(pid, [])) >= STORM, 20)
        status = self.collector.stop()
        alone = self.told(b"ESCAPE").get(pid, [])
        digests = self.told(b"DIGEST").get(pid, [])
        wrong = []
        # a minute may have passed in the middle
        total = len(alone) + sum(int(m.element(b"event")[b"cnt"])
                                 for m in digests)
        if total != 500 or len(alone) > 4 * STORM or status:
            wrong.append(f"{len(alone)} and {digests}, exit {status}")
        event = digests[0].element(b"event") if digests else {}
        if (event.get(b"act"), event.get(b"way"), event.get(b"place")) != (
                b"escape", b"open", b"host"):
            wrong.append(f"{event}")
        if digests and b" times" not in digests[0].msg:
            wrong.append(f"{digests[0].msg}")
        self.report("storm", wrong)


def main():
    lab.need_root_and_btf()
    if PIVOT_ROOT is None:
        raise lab.Skip(f"knows no system calls of {platform.machine()}")
    with lab.Undo() as undo:
        test = Test(undo)
        test.modes()
        for cases in test.files, test.own, test.others, test.spaces:
            test.judge(list(cases()))
        test.crash()
        test.storm()
    return 1 if test.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: escape: {reason}")
        sys.exit(77)
