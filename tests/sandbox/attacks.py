"""What hostile code may try. Each is the body of a function that should return "honest", and does not.

`got(...)` says that it got what it must not have. <WORDS> are filled in by the test.
"""

from __future__ import annotations

PRELUDE = """
import builtins, ctypes, gc, json, os, random
import resource, signal, socket, struct, sys, threading, time

def got(what):
    raise RuntimeError("GOT " + str(what)[:60])

def write(path):
    try:
        with open(path, "ab") as file:
            file.write(b"broken")
    except OSError:
        return "kept out"
    got(path)

def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""

def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]

def frames(index):
    found = b""
    for message in ({"k": "result", "i": index, "v": "pass"}, {"k": "done"}):
        body = json.dumps(message).encode()
        found += struct.pack(">I", len(body)) + body
    return found

def to_every_pipe(data):
    for fd in range(3, 256):
        try:
            os.set_blocking(fd, False)
            os.write(fd, data)
        except OSError:
            pass
"""

ATTACKS = {
    # what must not be changed
    "write_to_the_ledger": "return write('<LEDGER>')",
    "write_to_the_home": "return write('<HOME>/.profile')",
    "write_to_the_reference": "return write('<REFERENCE>')",
    "write_to_the_worker": "return write('<WORKER>')",
    "write_to_the_interpreter": "return write(os.__file__)",
    "remove_the_ledger": """
        try:
            os.unlink('<LEDGER>')
        except OSError:
            return 'kept out'
        got('removed')""",
    "link_to_the_ledger": """
        os.unlink(__file__)
        os.symlink('<LEDGER>', __file__)
        return write(__file__) or 'linked'""",
    "mount_over_it": """
        libc = ctypes.CDLL(None, use_errno=True)
        libc.unshare(0x10000000 | 0x20000)
        libc.mount(None, b"/", None, ctypes.c_ulong(32 | 0x1000), None)
        return write('<REFERENCE>')""",
    # what must not be read
    "environment_of_others": """
        for pid in processes():
            if b'<SECRET>' in read(f'/proc/{pid}/environ'):
                got('the secret')
        return 'kept out'""",
    "environment_of_its_own": """
        if '<SECRET>' in str(dict(os.environ)) or b'<SECRET>' in read('/proc/self/environ'):
            got('the secret')
        return 'kept out'""",
    "memory_of_others": """
        for pid in processes():
            try:
                with open(f'/proc/{pid}/mem', 'r+b'):
                    got(f'the memory of {pid}')
            except OSError:
                pass
        return 'kept out'""",
    "trace_the_parent": """
        libc = ctypes.CDLL(None, use_errno=True)
        for pid in {os.getppid(), 1}:
            if libc.ptrace(16, pid, None, None) == 0:
                got(f'traced {pid}')
        return 'kept out'""",
    "hidden_tests": """
        if b'hidden' in read('<HIDDEN>'):
            got('hidden tests')
        return 'kept out'""",
    "home_of_the_user": """
        if read('<HOME>/.netrc'):
            got('credentials')
        return 'kept out'""",
    "disk_device": """
        for name in os.listdir('/dev'):
            if name.startswith(('vd', 'sd', 'nvme', 'mem', 'kmem')) and read('/dev/' + name)[:1]:
                got(name)
        return 'kept out'""",
    # the network
    "socket_to_the_host": """
        try:
            socket.create_connection(('127.0.0.1', <PORT>), 0.2)
        except OSError:
            return 'kept out'
        got('a connection')""",
    "abstract_socket": r"""
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect('\\0<SECRET>')
        except OSError:
            return 'kept out'
        got('a connection')""",
    "out_by_datagram": """
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            line.sendto(b'x', ('192.0.2.1', 53))
        except OSError:
            return 'kept out'
        got('sent')""",
    # using up what there is
    "fork_bomb": """
        while True:
            try:
                if os.fork():
                    continue
            except OSError:
                pass""",
    "thread_bomb": """
        while True:
            try:
                threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
            except RuntimeError:
                return 'no more'""",
    "memory_bomb": """
        hold = []
        while True:
            hold.append(bytearray(64 << 20))""",
    "disk_bomb": """
        n = 0
        while True:
            n += 1
            with open(f'big{n}', 'wb') as file:
                for _ in range(200):
                    file.write(bytes(1 << 20))""",
    "endless_output": """
        while True:
            print('x' * 1000)""",
    "many_files": """
        n = 0
        while True:
            n += 1
            open(f'f{n}', 'w').close()""",
    "deep_stack": """
        def deeper(): return deeper()
        sys.setrecursionlimit(10**8)
        return deeper()""",
    "raise_its_limits": """
        resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY,) * 2)
        signal.setitimer(signal.ITIMER_PROF, 0)
        while True: pass""",
    # ending others
    "kill_the_parent": "os.kill(os.getppid(), signal.SIGKILL); time.sleep(0.2); return 'tried'",
    "stop_the_parent": "os.kill(os.getppid(), signal.SIGSTOP); return 'tried'",
    "kill_everything": "os.kill(-1, signal.SIGKILL); return 'tried'",
    "kill_the_group": "os.killpg(0, signal.SIGKILL); return 'tried'",
    "kill_the_first_process": "os.kill(1, signal.SIGKILL); return 'tried'",
    "leave_a_daemon": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(1000) #<SECRET>'])
            os._exit(0)
        return 'left'""",
    # pretending
    "leave_with_0": "os._exit(0)",
    "system_exit": "raise SystemExit(0)",
    "forge_the_result": "to_every_pipe(frames(0)); os._exit(0)",
    "forge_and_wait": "to_every_pipe(frames(0)); time.sleep(0.3); return 'forged'",
    "close_everything": "os.closerange(3, 256); return 'closed'",
    "noise_on_every_line": "to_every_pipe(b'\\0\\0\\0\\2{}' * 3); return 'noise'",
    "patch_reports": """
        from _pytest.reports import TestReport
        TestReport.from_item_and_call = classmethod(lambda cls, item, call: TestReport(
            item.nodeid, item.location, {}, 'passed', None, call.when))
        return 'patched'""",
    "patch_the_runner": """
        from _pytest import runner
        runner.CallInfo.from_call.__func__.__code__ = (
            lambda cls, func, when, reraise=None: cls(None, None, 0, 0, 0, when, _ispytest=True)).__code__
        return 'patched'""",
    "unplug_the_recorder": """
        import _pytest.config
        for manager in gc.get_objects():
            if isinstance(manager, _pytest.config.PytestPluginManager):
                for plugin in list(manager.get_plugins()):
                    if type(plugin).__module__.endswith('worker.reports'):
                        manager.unregister(plugin)
        return 'unplugged'""",
    "patch_unittest": """
        import unittest
        unittest.TestCase.assertEqual = lambda *_: None
        return 'patched'""",
    "patch_time": "time.time = time.perf_counter = time.monotonic = lambda: 0.0; return 'patched'",
    "patch_random": "random.random = random.seed = lambda *_: 0.5; return 'patched'",
    "patch_hypothesis": """
        import hypothesis.core
        hypothesis.core.StateForActualGivenExecution.run_engine = lambda self: None
        return 'patched'""",
    "read_the_guards": """
        state = [cell.cell_contents for cell in builtins.__fault__.__closure__]
        return 'inspected' if any(isinstance(part, frozenset) and part for part in state) else 'honest'""",
    "replace_the_guard": "builtins.__fault__ = lambda number: False; return 'replaced'",
    "rewrite_its_test": """
        with open('tests/test_core.py', 'w') as file:
            file.write('def test_add(): pass\\n')
        return 'rewritten'""",
}

NEVER_ENDS = {"fork_bomb", "endless_output", "raise_its_limits"}
"""These may only end by a limit."""
