"""A Slurm of one node that a test starts for itself: its own key, ports and folder, all gone at the end."""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo")
PATIENCE = 20  # seconds for the node to come up; it takes about one

SETTINGS = """
ClusterName=hiddenkey-test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={root}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd.log
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
KillWait=10
NodeName=node1 NodeAddr=127.0.0.1 NodeHostname={host} CPUs=2 State=UNKNOWN
PartitionName=main Nodes=node1 Default=YES MaxTime=INFINITE State=UP
"""


class CannotStart(Exception):
    pass


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def end_with_this_process():
    """Between fork and exec: however the test ends, Linux ends the daemon."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Cluster:
    """CannotStart where this machine has no Slurm, or it does not come up."""

    def __init__(self):
        missing = [program for program in PROGRAMS if not shutil.which(program)]
        if missing:
            raise CannotStart(f"there is no {missing[0]}; scripts/setup.sh --slurm installs it")
        if os.geteuid() != 0:
            raise CannotStart("only root can start Slurm's daemons")
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="hiddenkey-slurm-"))
        self.daemons = []
        self.environment = {**os.environ, "SLURM_CONF": str(self.root / "slurm.conf")}
        try:
            self.configure()
            self.start()
        except Exception:
            self.stop()
            raise

    def configure(self):
        for folder in ("state", "spool"):
            (self.root / folder).mkdir()
        controller_port, node_port = free_ports(2)
        host = socket.gethostname().split(".")[0]
        text = SETTINGS.format(root=self.root, host=host, controller_port=controller_port, node_port=node_port)
        (self.root / "slurm.conf").write_text(text)
        # The version that Slurm finds out by itself wants systemd, or /sys/fs/cgroup to be there.
        (self.root / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        key = self.root / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)

    def start(self):
        root = self.root
        self.daemon("munged", "--foreground", "--force", f"--socket={root}/munge.socket", f"--key-file={root}/munge.key",
                    f"--pid-file={root}/munge.pid", f"--log-file={root}/munge.log", f"--seed-file={root}/munge.seed")
        self.wait_until(lambda: (root / "munge.socket").exists())
        self.daemon("slurmctld", "-D", "-c")
        self.daemon("slurmd", "-D", "-N", "node1")
        self.wait_until(lambda: self.ask("sinfo", "--noheader", "--format=%T", check=False).strip() == "idle")

    def daemon(self, *command):
        with open(self.root / (command[0] + ".out"), "wb") as output:
            self.daemons.append(subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                                                 stderr=subprocess.STDOUT, preexec_fn=end_with_this_process))

    def wait_until(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            ended = [daemon for daemon in self.daemons if daemon.poll() is not None]
            if ended or time.monotonic() > end:
                name = ended[0].args[0] if ended else "the node"
                said = "".join(path.read_text(errors="replace") for path in self.root.glob(f"{name}.out"))
                raise CannotStart(f"{name} does not come up: {said[-300:]}")
            time.sleep(0.1)

    def ask(self, *command, check=True):
        return subprocess.run(command, env=self.environment, check=check, capture_output=True, text=True).stdout

    def tasks(self, job):
        """The state of each task of an array, by its number."""
        lines = self.ask("squeue", "--noheader", "--array", "--states=all", f"--jobs={job}", "--format=%K %T").splitlines()
        return {int(line.split()[0]): line.split()[1] for line in lines}

    def stop(self):
        if len(self.daemons) == 3:
            self.ask("scancel", "--user=root", check=False)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for process in self.left_behind():
            os.kill(process, signal.SIGKILL)
        shutil.rmtree(self.root, ignore_errors=True)

    def left_behind(self):
        """Tasks, and the processes that watch them, are no children of the daemons; they know this Slurm by its file."""
        mark = f"SLURM_CONF={self.root}/slurm.conf".encode()
        for folder in pathlib.Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and int(folder.name) != os.getpid() and mark in (folder / "environ").read_bytes():
                    yield int(folder.name)
            except OSError:  # it has ended
                pass
