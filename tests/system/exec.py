#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Executions: each by a process of its own that says what it does, compared
with the one message that the log has of it."""
import ctypes
import os
import platform
import shutil
import struct
import subprocess
import sys

import lab
import stage

LIBC = ctypes.CDLL(None, use_errno=True)
SYS_EXECVEAT = {"x86_64": 322, "aarch64": 281}.get(platform.machine())
AT_FDCWD, AT_EMPTY_PATH = -100, 0x1000
NOBODY = 65534
WAVE, WORKERS = 5000, 50
MAYBE = object()
STORM, SPAWNERS, SPAWNED = 20, 4, 300
# Of the failed: pidtreed.log(5) says why, of Linux 7.0 and later.
LOST = 12 if int(platform.release().split(".")[0]) >= 7 else 0
FAILED = {"outcome": "failure"}
# What may explain that one of a wave is missing.
LOSSES = (b"attempts_full", b"recursion_misses", b"sink_dropped",
          b"images_full", b"exec_bare")


def pointers(*words):
    return (ctypes.c_char_p * (len(words) + 1))(*words, None)


def execveat(fd, path, flags, *words):
    LIBC.syscall(SYS_EXECVEAT, fd, path, pointers(*words), pointers(), flags)


def unshare_mounts():
    LIBC.unshare(0x20000)
    if LIBC.mount(None, b"/", None, 0x44000, None):     # MS_REC | MS_PRIVATE
        os._exit(9)


class Test(stage.Stage):
    def __init__(self, undo):
        super().__init__(undo, "exec", b"EXEC", b"DIGEST")
        self.tiny = self.file("tiny")
        self.tag = b"wave%d-" % os.getpid()
        self.marks.append(self.tag)

    def file(self, name, mode=0o755):
        """A copy of a static program that ends at once."""
        path = f"{self.path}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(lab.program("tests/system/flood"), path)
        os.chmod(path, mode)
        return path

    def write(self, name, text):
        path = f"{self.path}/{name}"
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, 0o755)
        return path

    def act(self, do):
        """Forks; do() is to execute.  Its pid, when it has ended."""
        pid = os.fork()
        if pid == 0:
            try:
                null = os.open("/dev/null", os.O_RDWR)
                for fd in 0, 1, 2:
                    os.dup2(null, fd)
                os.chdir(self.path)
                do()
            except OSError:
                pass
            finally:
                os._exit(99)
        os.waitpid(pid, 0)
        return pid

    def judge(self, cases):
        """cases: (name, do, fields that its last message has)."""
        did = [(name, self.act(do), want) for name, do, want in cases]
        lab.until(lambda: all(pid in self.told(b"EXEC")
                              for _, pid, _ in did), 20)
        seen = self.told(b"EXEC")
        for name, pid, want in did:
            found = seen.get(pid, [])
            if len(found) != 1:
                self.report(name, [f"{len(found)} messages, 1 expected",
                                   *(str(m.msg) for m in found)])
                continue
            self.report(name, list(self.compare(found[0], want)))

    @staticmethod
    def compare(m, want):
        event, ancestry = m.element(b"event"), m.element(b"ancestry")
        want = {"act": "exec", "outcome": "success", "reason": None,
                "traits": None, "root": None, "mntns": None, "argvcut": None,
                "filePath": None, "argv": None, "ownPath": None,
                "insidePath": None, **want}
        # marked, or there: some kernels read it before they look for a file
        if want["argvcut"] is MAYBE:
            want["argvcut"], want["argv"] = ("1", None) \
                if b"argvcut" in event else (None, want["argv"])
        for key, value in want.items():
            got = event.get(key.encode())
            if got != (None if value is None else value.encode()):
                yield f"{key}: {value} expected, {got}"
        if int(ancestry[b"depth"]) < 3 or \
                f"<{os.path.basename(ancestry[b'exe1'].decode())[:6]}" \
                not in ancestry[b"chain"].decode():
            yield f"ancestry {ancestry}"
        word = b" failed to execute" if want["reason"] else b" executed "
        if word not in m.msg:
            yield f"sentence {m.msg}"

    def paths(self):
        """One file, by every name that it can have."""
        tiny, here = self.tiny, {"exe": self.tiny, "cwd": self.path}
        os.symlink("tiny", f"{self.path}/link")
        jail = f"{self.path}/jail"
        self.file("jail/tiny")
        os.mkdir(f"{jail}/sub")
        fd = os.open(tiny, os.O_RDONLY)
        os.set_inheritable(fd, True)
        gone = self.file("gone")
        gone_fd = os.open(gone, os.O_RDONLY)
        os.set_inheritable(gone_fd, True)
        os.unlink(gone)
        memory = os.memfd_create("piece", 0)
        with open(tiny, "rb") as f:
            os.write(memory, f.read())
        below = os.open(self.path, os.O_RDONLY)
        os.set_inheritable(below, True)

        def chroot():
            os.chroot(jail)
            os.chdir("/sub")
            os.execv("/tiny", ["tiny", "in"])

        return [
            ("absolute", lambda: os.execv(tiny, ["tiny"]),
             {**here, "script": None, "cmd": "tiny"}),
            ("relative", lambda: os.execv("./tiny", ["tiny", "a b"]),
             {**here, "script": "./tiny", "cmd": "tiny 'a b'"}),
            ("symlink", lambda: os.execv(self.path + "/link", ["l"]),
             {**here, "script": self.path + "/link"}),
            ("proc-self-fd",
             lambda: os.execv(f"/proc/self/fd/{fd}", ["p"]),
             {**here, "script": f"/proc/self/fd/{fd}"}),
            ("fexecve", lambda: os.execve(fd, ["f"], {}),
             {**here, "script": f"/dev/fd/{fd}", "traits": "fexecve"}),
            ("execveat",
             lambda: execveat(below, b"tiny", 0, b"x", b"y"),
             {**here, "script": f"/dev/fd/{below}/tiny", "cmd": "x y",
              "traits": "execveat"}),
            ("deleted", lambda: os.execve(gone_fd, ["g"], {}),
             {"exe": f"{gone} (deleted)", "traits": "fexecve"}),
            ("memfd", lambda: os.execve(memory, ["m", "1"], {}),
             {"exe": "/memfd:piece (deleted)", "cmd": "m 1",
              "traits": "fexecve,memfd"}),
            ("chroot", chroot,
             {"exe": f"{jail}/tiny", "script": "/tiny", "cmd": "tiny in",
              "ownPath": "/tiny", "root": jail, "cwd": f"{jail}/sub"}),
        ]

    def mounts(self):
        """In another mount namespace, below a mount that is there alone."""
        os.mkdir(f"{self.path}/mnt")
        told, tell = os.pipe()

        def act():
            unshare_mounts()
            mnt = f"{self.path}/mnt".encode()
            if LIBC.mount(b"none", mnt, b"tmpfs", 0, None):
                os._exit(9)
            shutil.copy(self.tiny, f"{self.path}/mnt/tiny")
            os.write(tell, b"%d" % os.stat("/proc/self/ns/mnt").st_ino)
            os.execv("mnt/tiny", ["tiny"])

        pid = self.act(act)
        mntns = os.read(told, 32).decode()
        lab.until(lambda: pid in self.told(b"EXEC"), 20)
        found = self.told(b"EXEC").get(pid, [])
        self.report("mount-namespace", [f"{len(found)} messages"]
                    if len(found) != 1 else list(self.compare(found[0], {
                        "exe": f"{self.path}/mnt/tiny", "cwd": self.path,
                        "script": "mnt/tiny", "mntns": mntns})))

    def bound(self):
        """In another mount namespace, by another name: where it is in its
        file system is where the host has it, if that is the root's."""
        if os.stat(self.tiny).st_dev != os.stat("/").st_dev:
            print("SKIP: exec/bind: another file system than /")
            return
        os.mkdir(f"{self.path}/bind")
        told, tell = os.pipe()

        def act():
            unshare_mounts()
            bind = f"{self.path}/bind"
            if LIBC.mount(self.path.encode(), bind.encode(), None, 0x1000,
                          None):
                os._exit(9)
            os.write(tell, b"%d" % os.stat("/proc/self/ns/mnt").st_ino)
            os.chroot(bind)
            os.chdir("/")
            os.execv("/tiny", ["tiny"])

        pid = self.act(act)
        mntns = os.read(told, 32).decode()
        lab.until(lambda: pid in self.told(b"EXEC"), 20)
        found = self.told(b"EXEC").get(pid, [])
        bind = f"{self.path}/bind"
        self.report("bind", [f"{len(found)} messages"]
                    if len(found) != 1 else list(self.compare(found[0], {
                        "exe": f"{bind}/tiny", "cwd": bind, "root": bind,
                        "script": "/tiny", "ownPath": "/tiny",
                        "insidePath": self.tiny, "mntns": mntns})))

    def scripts(self):
        self.write("script.sh", "#!/bin/sh\nexit 0\n")
        bash, shell = (os.path.realpath(shutil.which(n))
                       for n in ("bash", "sh"))
        secret = "--password=geheim"
        hidden = "'--password=[redacted:6]'"
        return [
            ("bash-script",
             lambda: os.execv(bash, "bash ./script.sh abc 123 xyz".split()),
             {"exe": bash, "cmd": "bash ./script.sh abc 123 xyz",
              "cwd": self.path}),
            ("script",
             lambda: os.execv("./script.sh", "x abc 123 xyz".split()),
             {"exe": shell, "script": "./script.sh", "cwd": self.path,
              "cmd": "/bin/sh ./script.sh abc 123 xyz"}),
            ("secret", lambda: os.execv(self.tiny, ["tiny", secret]),
             {"cmd": f"tiny {hidden}"}),
            ("secret-failed", lambda: os.execv("./no", ["no", secret]),
             {**FAILED, "reason": "ENOENT", "filePath": "./no",
              "argv": f"no {hidden}"}),
        ]

    def marked(self):
        def nobody(path):
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.execv(path, ["x"])

        setuid, setgid = self.file("suid", 0o4755), self.file("sgid", 0o2755)
        cases = [
            ("setuid", lambda: nobody(setuid),
             {"exe": setuid, "traits": "setuid", "suid": str(NOBODY)}),
            ("setgid", lambda: nobody(setgid),
             {"exe": setgid, "traits": "setgid"}),
            ("unprivileged", lambda: nobody(self.tiny),
             {"suid": str(NOBODY)}),
        ]
        able = self.file("able")
        if os.statvfs(self.path).f_flag & os.ST_NOSUID:
            print("SKIP: exec/setcap: the mount has nosuid")
            return cases
        try:                    # cap_net_raw, effective; vfs_cap_data
            os.setxattr(able, "security.capability", struct.pack(
                "<IIIII", 0x02000001, 1 << 13, 0, 0, 0))
            cases.append(("setcap", lambda: nobody(able),
                          {"exe": able, "traits": "setcap"}))
        except OSError as error:
            print(f"SKIP: exec/setcap: {error}")
        return cases

    def failures(self):
        plain = self.file("plain", 0o644)
        self.write("empty", "")
        self.write("noscript", "#!/nonexistent/interpreter\n")
        many = [str(n) for n in range(80)]
        os.mkdir(f"{self.path}/dir")
        long = "x" * 200 + "/y"
        cases = [(f"failed-{reason}-{n}",
                  lambda name=name: os.execv(name, ["z", "a b"]),
                  {**FAILED, "reason": reason, "filePath": name,
                   "argv": "z 'a b'", "cwd": self.path,
                   "cmd": TITLE})
                 for n, (reason, name) in enumerate((
                     ("ENOENT", "./nothing"), ("EACCES", plain),
                     ("EACCES", "dir"), ("ENOEXEC", "empty"),
                     ("ENOENT", "noscript"), ("ENOTDIR", "tiny/x"),
                     ("ENOENT", long)))]
        cases += [
            ("failed-arguments",
             lambda: os.execv("./nothing", many),
             {**FAILED, "reason": "ENOENT", "filePath": "./nothing",
              "argv": " ".join(many[:64]), "argvcut": "1"}),
            ("failed-long",
             lambda: os.execv("./nothing", ["a" * 600, "b" * 600]),
             {**FAILED, "reason": "ENOENT", "filePath": "./nothing",
              "argv": "a" * 600 + " " + "b" * 423, "argvcut": "1"}),
            ("failed-execveat",
             lambda: execveat(AT_FDCWD, b"nothing", 0, b"n"),
             {**FAILED, "reason": "ENOENT", "filePath": "nothing",
              "argv": "n", "traits": "execveat"}),
            ("failed-fexecve",
             lambda: execveat(0, b"", AT_EMPTY_PATH, b"n"),
             {**FAILED, "reason": "EACCES", "argv": "n",
              "traits": "fexecve"}),
        ]
        if platform.machine() == "x86_64":
            cases += [("failed-32-bit", self.narrow,
                       {**FAILED, "reason": "ENOENT", "filePath": "/n32",
                        "argv": "n32 z"})]
        return cases

    @staticmethod
    def narrow():
        """execve as a program of 32 bits calls it."""
        LIBC.mmap.restype = ctypes.c_void_p
        at = LIBC.mmap(None, 4096, 7, 0x62, -1, 0)  # MAP_32BIT
        text = b"/n32\0n32\0z\0"
        ctypes.memmove(at + 256, text, len(text))
        argv = struct.pack("<III", at + 261, at + 265, 0)
        ctypes.memmove(at + 512, argv, len(argv))
        code = b"\x53\xb8\x0b\0\0\0\xbb" + struct.pack("<I", at + 256) + \
            b"\xb9" + struct.pack("<I", at + 512) + \
            b"\x31\xd2\xcd\x80\x5b\xc3"
        ctypes.memmove(at, code, len(code))
        ctypes.CFUNCTYPE(ctypes.c_int)(at)()

    def unread(self):
        """Arguments on pages that nobody has touched."""
        path = self.write("words", "one\0two words\0" + "\0" * 4096)

        def untouched(name):
            LIBC.mmap.restype = ctypes.c_void_p
            fd = os.open(path, os.O_RDONLY)
            at = LIBC.mmap(None, 4096, 1, 2, fd, 0)
            words = (ctypes.c_void_p * 3)(at, at + 4, None)
            LIBC.execv(name, words)

        return [
            ("untouched", lambda: untouched(self.tiny.encode()),
             {"exe": self.tiny, "cmd": "one 'two words'"}),
            ("untouched-failed", lambda: untouched(b"./nothing"),
             {**FAILED, "reason": "ENOENT", "filePath": "./nothing",
              "argv": "one 'two words'", "argvcut": MAYBE}),
        ]

    def wave(self):
        """5,000 at once: each recorded, or its loss counted."""
        program = ("import os, sys\n"
                   "pids = [os.posix_spawn(sys.argv[1], ['wave', "
                   "sys.argv[2] + '-' + str(n)], {}, file_actions=[("
                   "os.POSIX_SPAWN_OPEN, 2, '/dev/null', os.O_WRONLY, 0)])"
                   "\n    for n in range(int(sys.argv[3]))]\n"
                   "for pid in pids: os.waitpid(pid, 0)\n")
        tag = self.tag.decode()[:-1]
        workers = [subprocess.Popen(
            [sys.executable, "-c", program, self.tiny, f"{tag}-{n}",
             str(WAVE // WORKERS)]) for n in range(WORKERS)]
        for worker in workers:
            worker.wait(300)
        want = {f"wave {tag}-{w}-{n}".encode() for w in range(WORKERS)
                for n in range(WAVE // WORKERS)}

        def seen():
            return [m for m in self.messages(b"EXEC")
                    if b"outcome" in m.element(b"event") and
                    m.element(b"event").get(b"cmd", b"")
                    .startswith(f"wave {tag}-".encode())]

        lab.until(lambda: len(seen()) >= WAVE, 60)
        return want, seen

    def storm(self):
        """What one lineage executes, or fails to, in a loop is counted:
        messages and counts together are what was done."""
        program = ("import os, sys\n"
                   "for n in range(int(sys.argv[3])):\n"
                   "    os.waitpid(os.posix_spawn(sys.argv[1], ['storm'], {},"
                   " file_actions=[(os.POSIX_SPAWN_OPEN, 2, '/dev/null', "
                   "os.O_WRONLY, 0)]), 0)\n"
                   "    try: os.posix_spawn('/none/at all', ['n', 'x'], {})\n"
                   "    except OSError: pass\n")
        tag = self.tag.decode() + "storm"
        self.text = self.text.replace("storm: off", f"storm: {STORM}")
        self.load("exec: on\n")
        workers = [subprocess.Popen([sys.executable, "-c", program, self.tiny,
                                     tag, str(SPAWNED)])
                   for _ in range(SPAWNERS)]
        status = [worker.wait(120) for worker in workers]
        status.append(self.collector.stop())
        wrong = [f"exit {status}"] if any(status) else []
        for name, outcome, words in (
                ("done", b"success", (b" executed " + self.tiny.encode(),)),
                ("failed", b"failure", (b" failed to execute /none/at all",
                                        b": ENOENT"))):
            told, counted, digests = 0, 0, 0
            for m in self.messages(b"EXEC", b"DIGEST"):
                event, line = m.element(b"event"), m.element(b"ancestry")
                # our workers' own executions have it in their cmd, too
                by = line.get(b"cmd1", b"") if name == "done" else \
                    event.get(b"cmd", b"")
                if event.get(b"outcome") != outcome or \
                        tag.encode() not in by:
                    continue
                told += m.msgid == b"EXEC"
                counted += int(event.get(b"cnt", b"0"))
                if m.msgid != b"DIGEST":
                    continue
                digests += 1
                if event.get(b"act") != b"exec" or b" times" not in m.msg or \
                        any(word not in m.msg for word in words):
                    wrong.append(f"{name}: {event} {m.msg}")
            # a minute may have passed in the middle
            missing = SPAWNERS * SPAWNED - told - counted
            if not 0 <= missing <= (LOST if name == "failed" else 0) or \
                    not digests or told > 4 * STORM:
                wrong.append(f"{name}: {told} told, {counted} counted in "
                             f"{digests}")
        self.report("storm", wrong)

    def lost(self):
        stop = self.messages(b"STOP")[-1].element(b"event")
        return {name: int(stop[name]) for name in LOSSES if int(stop[name])}

    def judge_wave(self, want, seen):
        ids = {m.element(b"event")[b"externalId"]: m for m in seen()}
        commands = [m.element(b"event")[b"cmd"] for m in ids.values()]
        missing = want - set(commands)
        wrong = []
        if len(commands) != len(set(commands)):
            wrong.append(f"{len(commands) - len(set(commands))} told twice")
        if len(missing) > sum(self.lost().values()):
            wrong.append(f"{len(missing)} missing, counted: {self.lost()}")
        if missing:
            print(f"# wave: {len(missing)} of {WAVE} lost: {self.lost()}")
        self.report("wave", wrong)

    def crash(self):
        """What is executed while there is no collector."""
        self.collector.kill()
        pids = [self.act(lambda: os.execv(self.tiny, ["away"]))
                for _ in range(40)]
        self.collector.start()
        lab.until(lambda: all(pid in self.told(b"EXEC") for pid in pids), 20)
        seen = self.told(b"EXEC")
        self.report("crash", [f"{pid}: {len(seen.get(pid, []))} messages"
                              for pid in pids if len(seen.get(pid, [])) != 1])

    def modes(self):
        """Off by default; succeeded: those alone; on: all."""
        wrong, last = [], None
        self.silent = []
        for mode, probes, failed, done in (
                ("", (), 0, 0), ("exec: succeeded\n", ("exec-log",), 0, 1),
                ("exec: on\n", ("exec-log", "exec-failed"), 1, 1),
                ("exec: off\n", (), 0, 0),
                ("exec: on\n", ("exec-log", "exec-failed"), 1, 1)):
            active = self.probes(mode)
            for name in "exec-log", "exec-failed":
                if (name in active) != (name in probes):
                    wrong.append(f"{mode!r}: probes {active}")
            did = [(self.act(lambda: os.execv("./nothing", ["n"])), failed),
                   (self.act(lambda: os.execv(self.tiny, ["t"])), done)]
            self.silent += [pid for pid, logged in did if not logged]
            last = did[-1][0] if done else last
            if not lab.until(lambda: last is None or
                             last in self.told(b"EXEC"), 20):
                wrong.append(f"{mode!r}: not logged")
            seen = self.told(b"EXEC")
            wrong += [f"{mode!r}: failed one not logged"
                      for pid, logged in did if logged and pid not in seen]
        # messages come in order: by now they would be there
        seen = self.told(b"EXEC")
        wrong += [f"{pid} logged" for pid in self.silent if pid in seen]
        self.report("modes", wrong)


def title():
    """Our own command line, as a message has it."""
    with open("/proc/self/cmdline", "rb") as f:
        words = f.read().decode().split("\0")[:-1]
    return " ".join(words)


TITLE = title()


def main():
    lab.need_root_and_btf()
    if SYS_EXECVEAT is None:
        raise lab.Skip(f"knows no system calls of {platform.machine()}")
    with lab.Undo() as undo:
        test = Test(undo)
        test.modes()
        for cases in (test.paths, test.scripts, test.marked, test.failures,
                      test.unread):
            test.judge(cases())
        test.mounts()
        test.bound()
        test.crash()
        wave = test.wave()
        status = test.collector.stop()
        test.judge_wave(*wave)
        if status:
            test.report("exit", [f"{status}", test.collector.trouble()])
        test.collector.process = None
        test.storm()
        if b"geheim" in test.collector.log.read_bytes():
            test.report("secrets", ["a secret is in the log"])
    return 1 if test.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: exec: {reason}")
        sys.exit(77)
