"""What the kernel keeps a process from, asked for with no privilege but being allowed to ask."""

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 1 << 27, 1 << 28, 1 << 29, 1 << 30
NAMESPACES = CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET
CAPABILITIES_V3 = 0x20080522
"""From linux/prctl.h, linux/sched.h and linux/capability.h: the same on every architecture."""


def hide_own_memory() -> None:
    """Keeps other processes of this user from this one's memory and environment, and cores from disk.

    Holds for what is forked and ends with exec. Root is not kept out: it has the capability.
    """
    _call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)


def seclude() -> bool:
    """Gives up this process's network, its sight of processes to come, and all it may do beyond them.

    What it forks next begins a world of its own: it can signal nobody outside, and has no network
    and no capabilities. As another user namespace's it may not look into a process outside either,
    whoever runs both, nor into its own kind. False where the kernel or a container refuses; then it
    merely can't gain privileges by running a program. The process must not have any threads yet.
    """
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    hide_own_memory()
    try:
        _call("unshare", NAMESPACES)
    except OSError:
        return False
    # Root in its own namespace could still reach the kernel's firewall and mounts: not even that.
    header, nothing = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)()
    _call("capset", header, nothing)
    return True


def _call(function: str, *arguments: object) -> None:
    if getattr(LIBC, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), function)
