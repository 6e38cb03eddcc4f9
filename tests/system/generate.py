# SPDX-License-Identifier: BSD-2-Clause
"""Runs the cases: several processes at once, in an order of its own."""
import concurrent.futures
import contextlib
import os
import random
import signal
import subprocess
import threading
import time

import lab


def cgroup2():
    """Where cgroup2 is mounted, or None."""
    with open("/proc/self/mountinfo", encoding="utf-8") as stream:
        for line in stream:
            fields = line.split()
            if fields[fields.index("-") + 1] == "cgroup2":
                return fields[4]
    return None


def make_cgroups(undo, containers, top=None):
    """A branch of cgroup2 with groups named as systemd and runtimes do; or
    more of them."""
    mount = cgroup2()
    if not mount:
        return None
    top = top or f"{mount}/pidtreed-test-{os.getpid()}"
    made = set()
    for path in ("", "/system.slice/pidtree-t.service", *containers):
        parts = path.split("/")
        for n in range(1, len(parts) + 1):
            part = "/".join(parts[:n])
            if part not in made and not os.path.exists(top + part):
                made.add(part)
                os.mkdir(top + part)
                undo.callback(remove_cgroup, top + part)
    return top


def remove_cgroup(path):
    for _ in range(50):
        try:
            os.rmdir(path)
            return
        except OSError:
            time.sleep(0.1)


class Job:
    """One row once: its process, until the last descendant has ended."""

    def __init__(self, generator, row, number):
        self.generator = generator
        self.row = row
        self.directory = generator.directory / f"{row.name}-{number}"
        self.directory.mkdir()
        self.directory.chmod(0o777)
        self.places = {"dir": str(self.directory),
                       "base": self.directory.name,
                       "cgroup": generator.cgroup or ""}
        self.process = None
        self.trouble = None
        self.wants = []
        self.ended = True

    def start(self):
        with self.generator.lock:
            program, self.wants = self.row.make(self.generator.targets,
                                                self.places)
        self.ended = False
        self.process = subprocess.Popen(
            list(self.row.argv), executable=lab.program("tests/system/load"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd="/", start_new_session=True,
            env={"LOAD": f"netns={self.generator.netns} {program}",
                 "LOAD_FACTS": str(self.generator.facts),
                 "LOAD_CASE": self.row.name})

    def finish(self):
        """Waits for the end of output: all that descend hold it open."""
        try:
            said, _ = self.process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            self.kill()
            self.trouble = "did not end"
            return
        self.ended = True
        status = self.process.returncode
        if status not in self.row.status:
            self.trouble = f"status {status}: {said.decode(errors='replace')}"

    def kill(self):
        """All of it: the group is held by whoever has not ended."""
        if not self.ended:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.ended = True

    def go(self):
        (self.directory / "go").touch()

    def run(self):
        """Repeated while its precondition (status 4) does not come true."""
        for _ in range(30):
            self.start()
            self.finish()
            if self.process.returncode != 4:
                return self
            self.forget()
        self.trouble = "its precondition never came true"
        return self

    def forget(self):
        with self.generator.lock:
            for want in self.wants:
                del self.generator.targets.wants[want.dst, want.dpt]

    def await_born(self, patience=20):
        until = time.monotonic() + patience
        while not (self.directory / "born").exists():
            if time.monotonic() > until or self.process.poll() is not None \
                    and not self.row.program.count("orphan"):
                raise RuntimeError(f"{self.row.name} does not come up")
            time.sleep(0.01)


class Generator:
    """The rows of a run.  Old ones begin before the collector does."""

    def __init__(self, undo, rows, targets, directory, netns, cgroup, seed):
        self.lock = threading.Lock()
        self.targets = targets
        self.directory = directory / "cases"
        self.directory.mkdir()
        self.directory.chmod(0o777)
        self.facts = directory / "facts"
        self.facts.touch()
        self.facts.chmod(0o666)
        self.netns = netns
        self.cgroup = cgroup
        jobs = [Job(self, row, n) for row in rows for n in range(row.count)]
        random.Random(seed).shuffle(jobs)
        for job in jobs:
            undo.callback(job.kill)
        self.old = [job for job in jobs if job.row.before]
        self.slow = [job for job in jobs if job.row.slow]
        self.quick = [job for job in jobs
                      if not job.row.before and not job.row.slow]

    def begin_old(self):
        for job in self.old:
            job.start()
        for job in self.old:
            job.await_born()

    def run(self):
        """All that is left to do; the jobs that had trouble."""
        with concurrent.futures.ThreadPoolExecutor(24) as waiting, \
                concurrent.futures.ThreadPoolExecutor(
                    3 * os.cpu_count()) as working:
            slow = [waiting.submit(job.run) for job in self.slow]
            quick = [working.submit(job.run) for job in self.quick]
            for job in self.old:
                job.go()
            for job in self.old:
                job.finish()
            jobs = [done.result() for done in slow + quick] + self.old
        return [job for job in jobs if job.trouble]
