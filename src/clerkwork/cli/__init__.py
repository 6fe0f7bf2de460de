"""
The `clerkwork` command: one file per command, imported only when it is called.

Exit codes (design, section 8): 0 done, 1 failed or refused, 2 usage, 3 done but
something is excepted, in doubt, unproven or unequal, 4 an audit proof does not hold.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from clerkwork import __version__
from clerkwork.cli import speak, wrong_call
from clerkwork.errors import Failure, Misconfigured

# name -> (module, English, Chinese). The order is that of a day's work.
COMMANDS = {
    "demo": ("the practice bank and one night's reconciliation", "演示：模拟银行与一夜对账"),
    "run": ("start a bot", "启动机器人"),
    "runs": ("list runs, newest first", "列出运行，最新在前"),
    "show": ("show one run", "查看一次运行"),
    "items": ("list work items and their state", "列出业务件及状态"),
    "approve": ("agree to a work item, and key it", "审批同意业务件，随即录入"),
    "reject": ("refuse a work item, or send it back", "拒绝或退回业务件"),
    "edit": ("change a field of a work item before it is keyed", "录入前修改业务件字段"),
    "balance": ("day-end balancing of a desk, and signing it", "轧账与签名"),
    "breaks": ("what stands open; match by hand, write off", "不符项：列出、手工勾对、转销"),
    "reverse": ("take back what was booked wrongly", "冲正记账有误的业务件"),
    "worker": ("work on what is queued", "处理队列中的业务"),
    "schedule": (
        "what is due when; pause, resume, run now, skip",
        "调度计划：查看、暂停、恢复、立即运行、跳过",
    ),
    "scheduler": ("start what is due", "按调度计划启动"),
    "serve": ("keep console, scheduler and worker at work", "值守控制台、调度器与处理进程"),
    "console": ("serve the console alone", "仅运行控制台"),
    "alerts": ("what people are told, and who has it in hand", "告警：列出、确认、测试"),
    "stop": ("stop one run safely", "安全停止一次运行"),
    "retry": ("do a run again", "重做一次运行"),
    "stop-all": ("stop every worker safely", "安全停止全部处理进程"),
    "resume": ("let workers, or a stopped run, go on", "停止后恢复处理进程或运行"),
    "systems": ("how systems stand; pause, resume", "业务系统：查看、暂停、恢复"),
    "look-up": ("ask the target about an item; nothing is typed", "在目标系统查询业务件（不录入）"),
    "read": ("read statements, with proof", "读取对账单并校验"),
    "reconcile": ("match two lists of entries", "勾对两份账务明细"),
    "audit": ("verify the audit log", "验证审计记录"),
    "practice": ("the practice bank", "模拟银行"),
    "people": ("people, roles and sign-in", "人员、角色与登录"),
    "check": ("check bots, maps, rules and schedules", "检查机器人、界面、规则与调度计划"),
    "doctor": ("say what is missing on this machine", "检查本机缺少什么"),
}


class LazyGroup(TyperGroup):
    """The commands of `COMMANDS`; a module is imported only to run its command."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command `cmd_name`, imported now; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"clerkwork.cli.{cmd_name.replace('-', '_')}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The table itself, without importing any command."""
        usage, purpose, options = (
            speak.text("Usage: clerkwork COMMAND ...", "用法：clerkwork 命令 ..."),
            speak.text(*PURPOSE),
            speak.text("Options: --version, --help", "选项：--version、--help"),
        )
        formatter.write(f"{usage}\n\n{purpose}\n\n")
        with formatter.section(speak.text("Commands", "命令")):
            formatter.write_dl([(name, speak.text(*texts)) for name, texts in COMMANDS.items()])
        formatter.write(f"\n{options}\n")


PURPOSE = (
    "Back-office bots for banks: read with proof, reconcile, approve, key once, audit.",
    "银行后台机器人：可证明的读取、对账、审批、防重复记账与审计。",
)

app = typer.Typer(cls=LazyGroup, add_completion=False)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"{__version__}\n")
        raise typer.Exit


_VERSION = typer.Option(
    False, "--version", is_eager=True, callback=_show_version,
    help="Show the version and exit / 显示版本",
)  # fmt: skip


@app.callback()
def _options(version: bool = _VERSION) -> None: ...


def main() -> None:
    """Run the command line: one clear line and an exit code for everything that goes wrong."""
    sys.exit(run(sys.argv[1:]))


# typer re-exports BadParameter, but not the class of all wrong calls that it comes from
UsageError: Any = typer.BadParameter.__mro__[1]


def run(arguments: list[str]) -> int:
    """The exit code of the command in `arguments`."""
    command = typer.main.get_command(app)
    try:
        outcome = command.main(arguments, prog_name="clerkwork", standalone_mode=False)
        sys.stdout.flush()
    except UsageError as wrong:
        return _usage(wrong)
    except (typer.Abort, KeyboardInterrupt):
        speak.note("stopped", "已中止")
        return 1
    except Misconfigured as failure:
        speak.complain(failure)
        return 2
    except Failure as failure:
        speak.complain(failure)
        return 1
    except OSError as failure:
        if failure.errno not in (errno.ENOSPC, errno.EPIPE) or failure.filename:
            raise
        return _cut_off()
    return outcome if isinstance(outcome, int) else 0


def _cut_off() -> int:
    """One line where standard output takes no more; what it still holds is dropped."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    speak.note(
        "the output was cut off: what it goes to takes no more; make room, or send it elsewhere",
        "输出中断：目标无法继续写入；请腾出空间，或改换输出位置",
    )
    return 1


def _usage(wrong: Any) -> int:
    """One line for a wrong call, with where to find help."""
    path = wrong.ctx.command_path if wrong.ctx else "clerkwork"
    message = wrong_call.explain(wrong)
    speak.note(f"{message}; see: {path} --help", f"{message}；用法见：{path} --help")
    return 2
