#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Opens of watched files: each by a process of its own, by every name and
call, compared with the one message that the log has of it."""
import ctypes
import mmap
import os
import platform
import struct
import sys

import lab
import stage

LIBC = ctypes.CDLL(None, use_errno=True)
SYSCALLS = {"x86_64": {"openat2": 437, "name_to_handle_at": 303,
                       "open_by_handle_at": 304, "creat": 85, "open": 2},
            "aarch64": {"openat2": 437, "name_to_handle_at": 264,
                        "open_by_handle_at": 265}}.get(platform.machine())
AT_FDCWD = -100
NOBODY = 65534
STORM = 20


def syscall(name, *args):
    got = LIBC.syscall(SYSCALLS[name], *args)
    if got < 0:
        raise OSError(ctypes.get_errno(), name)
    return got


def unshare_mounts():
    LIBC.unshare(0x20000)
    if LIBC.mount(None, b"/", None, 0x44000, None):     # MS_REC | MS_PRIVATE
        os._exit(9)


class Ring:
    """io_uring with one entry; enough to open one file."""

    def __init__(self, files=0):
        params = bytearray(120)
        buffer = (ctypes.c_char * 120).from_buffer(params)
        self.fd = LIBC.syscall(425, 4, buffer)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "io_uring_setup")
        u32 = struct.unpack("<30I", bytes(params))
        self.sq, self.cq = u32[10:18], u32[20:28]
        size = max(self.sq[6] + u32[0] * 4, self.cq[5] + u32[1] * 16)
        self.rings = mmap.mmap(self.fd, size, mmap.MAP_SHARED,
                               offset=0)
        self.sqes = mmap.mmap(self.fd, u32[0] * 64, mmap.MAP_SHARED,
                              offset=0x10000000)
        if files:
            table = (ctypes.c_int * files)(*[-1] * files)
            if LIBC.syscall(427, self.fd, 2, table, files) < 0:
                raise OSError(ctypes.get_errno(), "io_uring_register")

    def open(self, path, flags, slot=0):
        """IORING_OP_OPENAT; what the kernel said."""
        text = ctypes.create_string_buffer(path.encode())
        sqe = struct.pack("<BBHiQQIIQHHiQQ", 18, 0, 0, AT_FDCWD, 0,
                          ctypes.addressof(text), 0, flags, 7, 0, 0,
                          slot, 0, 0)
        self.sqes[0:64] = sqe
        tail = struct.unpack_from("<I", self.rings, self.sq[1])[0]
        struct.pack_into("<I", self.rings, self.sq[6], 0)
        struct.pack_into("<I", self.rings, self.sq[1], tail + 1)
        if LIBC.syscall(426, self.fd, 1, 1, 1, None, 0) < 0:
            raise OSError(ctypes.get_errno(), "io_uring_enter")
        head = struct.unpack_from("<I", self.rings, self.cq[0])[0]
        return struct.unpack_from("<QiI", self.rings,
                                  self.cq[5] + head % 8 * 16)[1]


class Test(stage.Stage):
    def __init__(self, undo):
        super().__init__(undo, "open", b"OPEN", b"DIGEST")
        self.top = f"{self.path}/watched"
        self.file = f"{self.top}/sub/secret"
        os.makedirs(f"{self.top}/sub")
        os.makedirs(f"{self.path}/home/alice/.keys")
        for name in (self.file, f"{self.path}/home/alice/.keys/k",
                     f"{self.path}/single"):
            with open(name, "w", encoding="ascii") as f:
                f.write("x\n")
        self.watch = [self.top, f"{self.path}/home/*/.keys",
                      f"{self.path}/single", f"{self.path}/nothing.conf"]

    def act(self, do):
        """Forks; do() is to open something.  Its pid, when it has ended."""
        pid = os.fork()
        if pid == 0:
            status = 0
            try:
                os.chdir(self.path)
                do()
            except OSError as error:
                print(f"# {error}", flush=True)
            except BaseException as error:
                status = 98
                print(f"# {error!r}", flush=True)
            finally:
                os._exit(status)
        if os.waitpid(pid, 0)[1]:
            self.report("setup", ["a child failed"])
        return pid

    def on(self, watch=None, more=""):
        paths = ", ".join(f'"{p}"' for p in watch or self.watch)
        return f"open: {{log: on, paths: [{paths}]}}\n{more}"

    def judge(self, cases):
        """cases: (name, do, fields of its last message; None: there is
        none)."""
        did = [(name, self.act(do), want) for name, do, want in cases]
        lab.until(lambda: all(pid in self.told(b"OPEN") for _, pid, want in did
                              if want), 20)
        last = self.act(lambda: os.open(self.file, os.O_RDONLY))
        lab.until(lambda: last in self.told(b"OPEN"), 20)
        seen = self.told(b"OPEN")
        for name, pid, want in did:
            found = seen.get(pid, [])
            if len(found) != (want is not None):
                self.report(name, [f"{len(found)} messages",
                                   *(str(m.msg) for m in found)])
            elif want is None:
                self.report(name, [])
            else:
                self.report(name, list(self.compare(found[0], want)))

    def compare(self, m, want):
        event, ancestry = m.element(b"event"), m.element(b"ancestry")
        want = {"act": "open", "outcome": "success", "reason": None,
                "filePath": self.file, "ownPath": None, "insidePath": None,
                "asked": None, "watched": self.top, "access": "read,cloexec",
                "mode": None, "traits": None, "root": None, "mntns": None,
                "cwd": self.path, **want}
        for key, value in want.items():
            got = event.get(key.encode())
            if got != (None if value is None else value.encode()):
                yield f"{key}: {value} expected, {got}"
        if int(ancestry[b"depth"]) < 3:
            yield f"ancestry {ancestry}"
        word = b" failed to open " if want["reason"] else b" opened "
        if word + want["filePath"].encode() not in m.msg:
            yield f"sentence {m.msg}"

    def names(self):
        """One file, by every name that it can have."""
        os.symlink("watched/sub/secret", f"{self.path}/link")
        os.symlink("watched", f"{self.path}/dirlink")
        os.mkdir(f"{self.path}/elsewhere")
        with open(f"{self.path}/elsewhere/secret", "w", encoding="ascii"):
            pass
        fd = os.open(f"{self.path}", os.O_PATH)
        leaf = os.open(self.file, os.O_PATH)

        def inside():
            os.chdir(f"{self.top}/sub")
            os.open("secret", os.O_RDONLY)

        key = f"{self.path}/home/alice/.keys"
        return [
            ("absolute", lambda: os.open(self.file, os.O_RDONLY), {}),
            ("relative", lambda: os.open("watched/../watched//sub/secret",
                                         os.O_RDONLY),
             {"asked": "watched/../watched//sub/secret"}),
            ("inside", inside, {"asked": "secret", "cwd": f"{self.top}/sub"}),
            ("symlink", lambda: os.open("link", os.O_RDONLY),
             {"asked": "link"}),
            ("directory-symlink",
             lambda: os.open("dirlink/sub/secret", os.O_RDONLY),
             {"asked": "dirlink/sub/secret"}),
            ("openat", lambda: os.open("watched/sub/secret", os.O_RDONLY,
                                       dir_fd=fd),
             {"asked": "watched/sub/secret"}),
            ("proc-self-fd",
             lambda: os.open(f"/proc/self/fd/{leaf}", os.O_RDONLY),
             {"asked": f"/proc/self/fd/{leaf}"}),
            ("directory", lambda: os.open(f"{self.top}/sub", os.O_RDONLY |
                                          os.O_DIRECTORY),
             {"filePath": f"{self.top}/sub",
              "access": "read,directory,cloexec"}),
            ("itself", lambda: os.open(self.top, os.O_PATH),
             {"filePath": self.top, "access": "path,cloexec"}),
            ("any", lambda: os.open(f"{key}/k", os.O_RDONLY),
             {"filePath": f"{key}/k", "watched": self.watch[1]}),
            ("single", lambda: os.open("single", os.O_RDONLY),
             {"filePath": f"{self.path}/single", "asked": "single",
              "watched": self.watch[2]}),
            ("same-name", lambda: os.open("elsewhere/secret", os.O_RDONLY),
             None),
            ("unwatched", lambda: os.open(self.path, os.O_RDONLY), None),
        ]

    def ways(self):
        """How it is opened, and what for."""
        new = f"{self.top}/new"
        return [
            ("write", lambda: os.open(self.file, os.O_WRONLY | os.O_APPEND),
             {"access": "write,append,cloexec"}),
            ("read-write", lambda: os.open(self.file, os.O_RDWR |
                                           os.O_TRUNC),
             {"access": "read-write,truncate,cloexec"}),
            ("create", lambda: os.open(new, os.O_WRONLY | os.O_CREAT |
                                       os.O_EXCL, 0o640),
             {"filePath": new, "mode": "0640",
              "access": "write,create,exclusive,cloexec"}),
            ("openat2", lambda: syscall(
                "openat2", AT_FDCWD, self.file.encode(),
                struct.pack("<QQQ", os.O_RDWR, 0, 0), 24),
             {"access": "read-write", "traits": "openat2"}),
            *self.handles(),
            *self.rings(),
            *self.old(),
        ]

    def by_handle(self):
        handle = bytearray(struct.pack("<Ii", 120, 0) + bytes(120))
        buffer = (ctypes.c_char * 128).from_buffer(handle)
        mount = ctypes.c_int()
        syscall("name_to_handle_at", AT_FDCWD, self.file.encode(), buffer,
                ctypes.byref(mount), 0)
        fd = os.open(self.path, os.O_RDONLY)
        os.close(syscall("open_by_handle_at", fd, buffer, os.O_RDONLY))
        os.close(fd)

    def handles(self):
        """Not every file system has them, and not every root may."""
        try:
            self.by_handle()
        except OSError as error:
            print(f"SKIP: open/by-handle: {error}")
            return []
        return [("by-handle", self.by_handle,
                 {"access": "read", "traits": "by-handle"})]

    def rings(self):
        try:
            Ring()
        except OSError as error:
            print(f"SKIP: open/io_uring: {error}")
            return []
        want = {"access": "read", "traits": "io_uring"}

        def ring(flags, files=0, slot=0):
            got = Ring(files).open(self.file, flags, slot)
            if got < 0:
                raise RuntimeError(f"io_uring: {os.strerror(-got)}")

        return [
            ("io_uring", lambda: ring(os.O_RDONLY), want),
            ("io_uring-worker", lambda: ring(os.O_RDWR | os.O_TRUNC),
             {**want, "access": "read-write,truncate"}),
            ("io_uring-slot", lambda: ring(os.O_RDONLY, 4, 3), want),
            ("io_uring-any-slot", lambda: ring(os.O_RDONLY, 4, -1), want),
        ]

    def old(self):
        """Calls that are only on one machine."""
        if platform.machine() != "x86_64":
            return []
        path = f"{self.top}/by-creat"

        return [
            ("open", lambda: syscall("open", self.file.encode(),
                                     os.O_RDONLY), {"access": "read"}),
            ("creat", lambda: syscall("creat", path.encode(), 0o600),
             {"filePath": path, "access": "write,create,truncate",
              "mode": "0600"}),
            ("32-bit", self.narrow, {"access": "read-write"}),
        ]

    def narrow(self):
        """open as a program of 32 bits calls it."""
        LIBC.mmap.restype = ctypes.c_void_p
        at = LIBC.mmap(None, 4096, 7, 0x62, -1, 0)  # MAP_32BIT
        text = self.file.encode() + b"\0"
        ctypes.memmove(at + 256, text, len(text))
        code = b"\x53\xb8\5\0\0\0\xbb" + struct.pack("<I", at + 256) + \
            b"\xb9\2\0\0\0\x31\xd2\xcd\x80\x5b\xc3"
        ctypes.memmove(at, code, len(code))
        ctypes.CFUNCTYPE(ctypes.c_int)(at)()

    def failures(self):
        """What was not opened is told by its text."""
        shut = f"{self.top}/shut"
        os.mkdir(shut, 0o700)
        failed = {"outcome": "failure"}
        below = os.open(self.top, os.O_PATH)

        def nobody(path, **more):
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.open(path, os.O_RDWR, **more)

        def at():
            nobody("shut/x", dir_fd=below)

        os.chmod(self.file, 0o600)
        none = f"{self.path}/nothing.conf"
        return [
            ("denied", lambda: nobody(self.file),
             {**failed, "reason": "EACCES",
              "access": "read-write,cloexec"}),
            ("denied-relative", lambda: nobody("./watched/shut/../shut/x"),
             {**failed, "reason": "EACCES", "filePath": f"{shut}/x",
              "asked": "./watched/shut/../shut/x",
              "access": "read-write,cloexec"}),
            ("denied-at", at,
             {**failed, "reason": "EACCES", "filePath": f"{shut}/x",
              "asked": "shut/x", "access": "read-write,cloexec"}),
            ("missing", lambda: os.open(none, os.O_RDONLY),
             {**failed, "reason": "ENOENT", "filePath": none,
              "watched": none}),
            ("is-directory", lambda: os.open(self.top, os.O_WRONLY),
             {**failed, "reason": "EISDIR", "filePath": self.top,
              "access": "write,cloexec"}),
            ("missing-unwatched", lambda: os.open("/nothing", os.O_RDONLY),
             None),
            ("missing-same-name",
             lambda: os.open("elsewhere/nothing.conf", os.O_RDONLY), None),
        ]

    def jailed(self):
        """After chroot, and what the process itself calls it."""
        def jail(path, **more):
            def act():
                os.chroot(f"{self.path}/jail")
                os.chdir("/")
                os.open(path, os.O_RDONLY, **more)
            return act

        os.makedirs(f"{self.path}/jail/etc/x")
        with open(f"{self.path}/jail/etc/x/own", "w", encoding="ascii"):
            pass
        outside = os.open(self.file, os.O_PATH)
        root = {"root": f"{self.path}/jail", "cwd": f"{self.path}/jail"}
        own = {**root, "filePath": f"{self.path}/jail/etc/x/own",
               "ownPath": "/etc/x/own", "watched": "/etc/x/own"}
        os.makedirs(f"{self.path}/jail/proc")

        def leaked():
            os.chroot(f"{self.path}/jail")
            os.chdir("/")
            os.open("", os.O_RDONLY, dir_fd=outside)

        def leaked_directory():
            fd = os.open(self.path, os.O_PATH)
            os.chroot(f"{self.path}/jail")
            os.chdir("/")
            os.open("watched/sub/secret", os.O_RDONLY, dir_fd=fd)

        return [
            ("chroot", jail("/etc/x/own"), {**own, "asked": "/etc/x/own"}),
            ("chroot-failed", jail("/etc/x/own/nothing"),
             {**own, "outcome": "failure", "reason": "ENOTDIR",
              "filePath": f"{self.path}/jail/etc/x/own/nothing",
              "ownPath": "/etc/x/own/nothing",
              "asked": "/etc/x/own/nothing"}),
            ("chroot-leaked", leaked_directory,
             {**root, "asked": "watched/sub/secret"}),
        ]

    def mounts(self):
        """In another mount namespace: by a bind mount, and below a mount that
        is there alone."""
        os.mkdir(f"{self.path}/bind")
        os.makedirs(f"{self.path}/over/watched2")
        told, tell = os.pipe()

        def bound():
            unshare_mounts()
            if LIBC.mount(f"{self.top}/sub".encode(),
                          f"{self.path}/bind".encode(), None, 0x1000, None):
                os._exit(9)
            os.write(tell, b"%d " % os.stat("/proc/self/ns/mnt").st_ino)
            os.open("bind/secret", os.O_RDONLY)

        def below():
            unshare_mounts()
            if LIBC.mount(b"none", self.top.encode(), b"tmpfs", 0, None):
                os._exit(9)
            os.write(tell, b"%d " % os.stat("/proc/self/ns/mnt").st_ino)
            os.open(f"{self.top}/there", os.O_RDWR | os.O_CREAT, 0o600)

        cases = [("bind", bound), ("mount", below)]
        did = [(name, self.act(do)) for name, do in cases]
        spaces = os.read(told, 64).decode().split()
        lab.until(lambda: all(pid in self.told(b"OPEN") for _, pid in did), 20)
        device = os.stat(self.file).st_dev == os.stat("/").st_dev
        wants = [{"filePath": f"{self.path}/bind/secret",
                  "insidePath": self.file, "asked": "bind/secret"},
                 {"filePath": f"{self.top}/there", "mode": "0600",
                  "access": "read-write,create,cloexec"}]
        for (name, pid), want, space in zip(did, wants, spaces):
            if name == "bind" and not device:
                print("SKIP: open/bind: another file system than /")
                continue
            found = self.told(b"OPEN").get(pid, [])
            self.report(name, [f"{len(found)} messages"]
                        if len(found) != 1 else
                        list(self.compare(found[0],
                                          {**want, "mntns": space})))

    def modes(self):
        """Off by default; on, with other paths, and off again."""
        wrong, silent = [], []
        other = f"{self.path}/elsewhere2"
        with open(other, "w", encoding="ascii"):
            pass
        for text, path, logged in (
                ("", self.file, 0), (self.on(), self.file, 1),
                (self.on([other]), self.file, 0),
                (self.on([other]), other, 1),
                ("open: {log: off}\n", self.file, 0),
                (self.on(), self.file, 1)):
            active = self.probes(text)
            for probe in "open", "open-uring":
                if (probe in active) != ("log: on" in text):
                    wrong.append(f"{text!r}: probes {active}")
            pid = self.act(lambda at=path: os.open(at, os.O_RDONLY))
            if not logged:
                silent.append(pid)
            elif not lab.until(lambda: pid in self.told(b"OPEN"), 20):
                wrong.append(f"{text!r}: not logged")
        seen = self.told(b"OPEN")
        wrong += [f"{pid} logged" for pid in silent if pid in seen]
        self.report("modes", wrong)

    def crash(self):
        """What is opened while there is no collector."""
        self.collector.kill()
        pids = [self.act(lambda: os.open(self.file, os.O_RDONLY))
                for _ in range(20)]
        self.collector.start()
        lab.until(lambda: all(pid in self.told(b"OPEN") for pid in pids), 20)
        seen = self.told(b"OPEN")
        self.report("crash", [f"{pid}: {len(seen.get(pid, []))} messages"
                              for pid in pids if len(seen.get(pid, [])) != 1])

    def storm(self):
        """One process that opens it in a loop is counted, and told at once
        when it writes."""
        self.text = self.text.replace("storm: off", f"storm: {STORM}")
        self.load(self.on())

        def loop():
            for _ in range(1000):
                os.close(os.open(self.file, os.O_RDONLY))
            os.close(os.open(self.file, os.O_WRONLY))

        pid = self.act(loop)
        lab.until(lambda: len(self.told(b"OPEN").get(pid, [])) >= STORM, 20)
        status = self.collector.stop()
        alone = self.told(b"OPEN").get(pid, [])
        digests = self.told(b"DIGEST").get(pid, [])
        event = digests[0].element(b"event") if digests else {}
        wrong = []
        # a minute may have passed in the middle
        total = len(alone) + sum(int(m.element(b"event")[b"cnt"])
                                 for m in digests)
        if total != 1001 or len(alone) > 4 * STORM or status:
            wrong.append(f"{len(alone)} and {digests}, exit {status}")
        if event.get(b"filePath") != self.file.encode() or \
                event.get(b"act") != b"open":
            wrong.append(f"{event}")
        if digests and b" times" not in digests[0].msg:
            wrong.append(f"{digests[0].msg}")
        if not any(m.element(b"event")[b"access"].startswith(b"write")
                   for m in alone):
            wrong.append("the write was not told")
        self.report("storm", wrong)


def main():
    lab.need_root_and_btf()
    if SYSCALLS is None:
        raise lab.Skip(f"knows no system calls of {platform.machine()}")
    with lab.Undo() as undo:
        test = Test(undo)
        test.modes()
        test.watch.append("/etc/x/own")
        test.load(test.on())
        for cases in test.names, test.ways, test.failures, test.jailed:
            test.judge(cases())
        test.mounts()
        test.crash()
        test.storm()
    return 1 if test.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: open: {reason}")
        sys.exit(77)
