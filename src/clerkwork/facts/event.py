"""
Events: every kind of line of the audit log, its sentence, and what of it is personal.

An event that is not registered here, or a field that its kind does not have, is a
defect and raises: what is not known here could not be explained, or kept private, later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clerkwork.facts.event_kind import EventKind
from clerkwork.facts.settling_events import SETTLING

# Fields that name a person: the log has a keyed pseudonym in their place.
PERSONAL = frozenset({"by", "person"})


KINDS: dict[str, EventKind] = {
    **SETTLING,
    "run.requested": EventKind(
        ("bot", "by"), "{by} asked for run {run} of {bot}", "{by} 启动机器人 {bot} 的运行 {run}"
    ),
    "run.started": EventKind(
        ("bot", "executor"), "{executor} began run {run}", "{executor} 开始运行 {run}"
    ),
    "run.retried": EventKind(("code",), "run {run} tries again: {code}", "运行 {run} 重试：{code}"),
    "run.ended": EventKind(
        ("plan", "items"),
        "run {run} ended; its plan has digest {plan}",
        "运行 {run} 结束；方案摘要值 {plan}",
    ),
    "run.failed": EventKind(
        ("kind", "code"), "run {run} failed: {kind} {code}", "运行 {run} 失败：{kind} {code}"
    ),
    "run.held": EventKind(
        ("system",), "run {run} waits: {system} is paused", "运行 {run} 等待：{system} 已暂停"
    ),
    "run.refreshed": EventKind(
        ("items",), "the report of run {run} was renewed", "运行 {run} 的报告已更新"
    ),
    "step.started": EventKind(
        ("step",), "run {run} began step {step}", "运行 {run} 开始步骤 {step}"
    ),
    "step.ended": EventKind(
        ("step", "took_ms"),
        "run {run} ended step {step} after {took_ms} ms",
        "运行 {run} 结束步骤 {step}，用时 {took_ms} 毫秒",
    ),
    "evidence.kept": EventKind(
        ("artifact", "what", "digest"),
        "evidence {what} was kept as {artifact}, digest {digest}",
        "留痕资料 {what} 已留存为 {artifact}，摘要值 {digest}",
    ),
    "screens.compared": EventKind(
        ("system", "bot", "screens", "differences"),
        "{screens} screens of {system} were compared with their maps for {bot}:"
        " {differences} differences",
        "已为 {bot} 比对 {system} 的 {screens} 个界面：{differences} 处不一致",
    ),
    "item.filed": EventKind(
        ("reference", "digest", "needs"),
        "an item was filed under reference {reference}; it needs {needs}",
        "业务件已建立，参考号 {reference}；需 {needs} 审批",
    ),
    "item.known": EventKind(
        ("reference", "state"),
        "item {item} {reference} was known already: {state}",
        "业务件 {item} {reference} 已存在：{state}",
    ),
    "item.reference_reused": EventKind(
        ("digest",),
        "the reference of item {item} came again with other fields ({digest})",
        "业务件 {item} 的参考号以不同内容再次出现（{digest}）",
    ),
    "item.decided": EventKind(
        ("by", "role", "decision", "digest", "why"),
        "{by} decided as {role} on item {item}: {decision}",
        "{by} 以 {role} 身份对业务件 {item} 作出审批意见：{decision}",
    ),
    "item.edited": EventKind(
        ("by", "digest", "why"),
        "{by} edited item {item}: {why}",
        "{by} 修改业务件 {item}：{why}",
    ),
    "item.rehearsed": EventKind(
        ("reference",), "{reference} was rehearsed", "{reference} 已试运行"
    ),
    "item.intended": EventKind(
        ("target", "reference", "digest"),
        "item {item} is about to be keyed into {target} under {reference}",
        "业务件 {item} 即将录入 {target}，参考号 {reference}",
    ),
    "item.approved": EventKind(
        ("by", "why"), "item {item} is approved: {why}", "业务件 {item} 已审批：{why}"
    ),
    "item.keying": EventKind(
        ("why",), "item {item} is being keyed: {why}", "业务件 {item} 录入中：{why}"
    ),
    "item.keyed": EventKind(
        ("number", "why"),
        "the target holds item {item} as {number}",
        "业务件 {item} 已录入，目标系统编号 {number}",
    ),
    "item.confirmed": EventKind(
        ("number", "why"),
        "item {item} was read back as {number}",
        "业务件 {item} 已回读核对，编号 {number}",
    ),
    "item.in_doubt": EventKind(
        ("why",), "item {item} is in doubt: {why}", "业务件 {item} 待核实：{why}"
    ),
    "item.excepted": EventKind(
        ("why",), "item {item} is an exception: {why}", "业务件 {item} 异常：{why}"
    ),
    "item.refused": EventKind(
        ("source", "reference", "code", "why"),
        "{source} {reference} was refused: {code}",
        "{source} {reference} 被拒绝：{code}",
    ),
    "item.abandoned": EventKind(
        ("by", "why"), "item {item} was abandoned: {why}", "业务件 {item} 已作废：{why}"
    ),
    "item.proven_absent": EventKind(
        (), "the target has nothing of item {item}", "目标系统中没有业务件 {item}"
    ),
    "item.found_draft": EventKind(
        (), "the target keeps item {item} as a draft", "目标系统中业务件 {item} 为草稿，未记账"
    ),
    "item.look_up_asked": EventKind(
        ("by", "why"),
        "{by} asked to look item {item} up in the target: {why}",
        "{by} 要求在目标系统查询业务件 {item}：{why}",
    ),
    "item.assigned": EventKind(
        ("by", "person"),
        "{by} gave item {item} to {person}",
        "{by} 将业务件 {item} 分配给 {person}",
    ),
    "item.commented": EventKind(
        ("by", "digest"),
        "{by} commented on item {item} (digest {digest})",
        "{by} 对业务件 {item} 添加备注（摘要值 {digest}）",
    ),
    "break.assigned": EventKind(
        ("about", "by", "person"),
        "{by} gave break {about} to {person}",
        "{by} 将不符项 {about} 分配给 {person}",
    ),
    "break.commented": EventKind(
        ("about", "by", "digest"),
        "{by} commented on break {about} (digest {digest})",
        "{by} 对不符项 {about} 添加备注（摘要值 {digest}）",
    ),
    "item.retried": EventKind(
        ("code",), "item {item} will be tried again: {code}", "业务件 {item} 将重试：{code}"
    ),
    "item.unclear": EventKind(
        ("code",), "item {item} could not be looked up: {code}", "业务件 {item} 无法查询：{code}"
    ),
    "worker.started": EventKind(("executor",), "worker {executor} started", "{executor} 已启动"),
    "worker.stopped": EventKind(("executor",), "worker {executor} stopped", "{executor} 已停止"),
    "worker.stop_asked": EventKind(
        ("by", "why"), "{by} stopped every worker: {why}", "{by} 停止全部处理进程：{why}"
    ),
    "worker.resumed": EventKind(
        ("by", "why"), "{by} let workers start again: {why}", "{by} 恢复处理进程：{why}"
    ),
    "balance.signed": EventKind(
        ("about", "part", "digest", "by"),
        "{by} signed {about} as {part} (digest {digest})",
        "{by} 以 {part} 身份签署 {about}（摘要值 {digest}）",
    ),
    "system.paused": EventKind(
        ("system", "environment", "by", "why"),
        "{by} paused {system} ({environment}): {why}",
        "{by} 暂停业务系统 {system}（{environment}）：{why}",
    ),
    "system.resumed": EventKind(
        ("system", "environment", "by", "why"),
        "{by} resumed {system} ({environment}): {why}",
        "{by} 恢复业务系统 {system}（{environment}）：{why}",
    ),
    "system.signed_on": EventKind(
        ("system", "environment", "credential"),
        "signed on to {system} ({environment}) with {credential}",
        "以“{credential}”登录业务系统 {system}（{environment}）",
    ),
    "scheduler.started": EventKind((), "the scheduler started", "调度器已启动"),
    "scheduler.stopped": EventKind((), "the scheduler stopped", "调度器已停止"),
    "schedule.started": EventKind(
        ("schedule", "key"),
        "schedule {schedule}, due {key}, started run {run}",
        "调度计划 {schedule}（到期 {key}）已启动运行 {run}",
    ),
    "schedule.waiting": EventKind(
        ("schedule", "key", "code"),
        "schedule {schedule}, due {key}, waits",
        "调度计划 {schedule}（到期 {key}）等待中",
    ),
    "schedule.skipped": EventKind(
        ("schedule", "key", "code"),
        "schedule {schedule}, due {key}, was skipped: {code}",
        "调度计划 {schedule}（到期 {key}）已跳过：{code}",
    ),
    "schedule.missed": EventKind(
        ("schedule", "key", "code"),
        "schedule {schedule}, due {key}, was not run: {code}",
        "调度计划 {schedule}（到期 {key}）未运行：{code}",
    ),
    "schedule.paused": EventKind(
        ("schedule", "by", "why"),
        "{by} paused schedule {schedule}: {why}",
        "{by} 暂停调度计划 {schedule}：{why}",
    ),
    "schedule.resumed": EventKind(
        ("schedule", "by", "why"),
        "{by} resumed schedule {schedule}: {why}",
        "{by} 恢复调度计划 {schedule}：{why}",
    ),
    "schedule.run_now": EventKind(
        ("schedule", "key", "by", "why"),
        "{by} ran schedule {schedule} now ({key}): {why}",
        "{by} 立即运行调度计划 {schedule}（{key}）：{why}",
    ),
    "schedule.call_signed": EventKind(
        ("schedule", "nonce", "by", "why"),
        "{by} signed a call of schedule {schedule} ({nonce}): {why}",
        "{by} 签发调度计划 {schedule} 的调用（{nonce}）：{why}",
    ),
    "schedule.skip_asked": EventKind(
        ("schedule", "key", "by", "why"),
        "{by} skips schedule {schedule}, due {key}: {why}",
        "{by} 跳过调度计划 {schedule}（到期 {key}）：{why}",
    ),
    "serve.started": EventKind(
        (), "scheduler and worker are kept at work", "开始值守调度器与处理进程"
    ),
    "serve.stopped": EventKind((), "scheduler and worker are stopped", "调度器与处理进程已停止"),
    "serve.restarted": EventKind(
        ("process", "code", "wait_s"),
        "{process} ended with {code}, and is started again after {wait_s} s",
        "{process} 退出（{code}），{wait_s} 秒后重新启动",
    ),
    "schedule.broken": EventKind(
        ("schedule", "code"),
        "schedule {schedule} cannot be kept: {code}",
        "调度计划 {schedule} 无法执行：{code}",
    ),
    "schedule.purged": EventKind(
        ("firings", "alerts", "arrivals"),
        "old records of schedules are deleted: firings {firings}, alerts {alerts},"
        " arrivals {arrivals}",
        "已清理过期记录：触发 {firings} 条、告警 {alerts} 条、到达 {arrivals} 条",
    ),
    "schedule.read": EventKind(
        ("system", "reading", "says"),
        "the screens of {system} say of {reading}: {says}",
        "{system} 界面显示“{reading}”：{says}",
    ),
    "trigger.failing": EventKind(
        ("system", "schedules", "code"),
        "{system}, for which {schedules} waits, cannot be looked at: {code}; tried again",
        "无法查看 {system}（调度计划 {schedules}）：{code}；将重试",
    ),
    "trigger.back": EventKind(
        ("system",), "{system} can be looked at again", "{system} 已恢复可查看"
    ),
    "trigger.refused": EventKind(
        ("system", "what", "code"),
        "{what} of {system} was not taken: {code}",
        "{system} 的 {what} 未接收：{code}",
    ),
    "alert.raised": EventKind(
        ("alert", "kind", "key"),
        "alert {alert} was raised: {kind} ({key})",
        "告警 {alert} 发出：{kind}（{key}）",
    ),
    "alert.sent": EventKind(
        ("alert", "kind", "person"),
        "alert {alert} was sent to {person}: {kind}",
        "告警 {alert} 已发送给 {person}：{kind}",
    ),
    "alert.failed": EventKind(
        ("alert", "kind", "person", "code", "attempts"),
        "alert {alert} did not reach {person} at attempt {attempts}: {code}",
        "告警 {alert} 第 {attempts} 次发送给 {person} 未成功：{code}",
    ),
    "alert.escalated": EventKind(
        ("alert", "kind", "person"),
        "alert {alert} goes on to {person}: {kind}",
        "告警 {alert} 转告 {person}：{kind}",
    ),
    "alert.acknowledged": EventKind(
        ("alert", "kind", "by", "why"),
        "{by} acknowledged alert {alert}: {why}",
        "{by} 确认告警 {alert}：{why}",
    ),
    "person.added": EventKind(
        ("person", "roles", "by"),
        "{by} added {person} as {roles}",
        "{by} 添加人员 {person}，角色 {roles}",
    ),
    "person.changed": EventKind(
        ("person", "by", "roles", "desks", "roles_before", "desks_before"),
        "{by} gave {person} the roles {roles} at {desks}; before: {roles_before} at {desks_before}",
        "{by} 将 {person} 的角色改为 {roles}，部门改为 {desks}；"
        "原角色 {roles_before}，原部门 {desks_before}",
    ),
    "person.disabled": EventKind(("person", "by"), "{by} disabled {person}", "{by} 停用 {person}"),
    "person.enabled": EventKind(
        ("person", "by"), "{by} enabled {person} again", "{by} 重新启用 {person}"
    ),
    "person.password_changed": EventKind(
        ("person",), "{person} changed their password", "{person} 修改密码"
    ),
    "person.second_factor_set": EventKind(
        ("person",), "{person} set up one-time codes", "{person} 启用动态口令"
    ),
    "person.second_factor_removed": EventKind(
        ("person", "by"),
        "{by} removed the one-time codes of {person}",
        "{by} 停用 {person} 的动态口令",
    ),
    "person.first_link_made": EventKind(
        ("until",),
        "the link for the first administrator was made, good until {until}",
        "已生成首位管理员链接，有效期至 {until}",
    ),
    "person.invited": EventKind(
        ("person", "by", "until"),
        "{by} made a link by which {person} sets a password, good until {until}",
        "{by} 为 {person} 生成设定密码的链接，有效期至 {until}",
    ),
    "person.reset": EventKind(
        ("person", "by"),
        "{by} voided the password, one-time codes and sessions of {person}",
        "{by} 作废 {person} 的密码、动态口令和会话",
    ),
    "person.signed_in": EventKind(("person",), "{person} signed in", "{person} 登录"),
    "person.signed_out": EventKind(("person",), "{person} signed out", "{person} 退出"),
    "person.sign_in_refused": EventKind(
        ("person", "why"),
        "a sign-in as {person} was refused: {why}",
        "以 {person} 登录被拒绝：{why}",
    ),
    "person.token_issued": EventKind(
        ("person", "by", "until", "token", "roles"),
        "{by} issued a token of {person}, good until {until}",
        "{by} 为 {person} 签发令牌，有效期至 {until}",
    ),
    "person.token_revoked": EventKind(
        ("person", "by", "token"),
        "{by} made token {token} of {person} void",
        "{by} 作废了 {person} 的令牌 {token}",
    ),
}


@dataclass(frozen=True)
class Event:
    """One line of the audit log: what happened, when (UTC), and to what."""

    name: str
    at: datetime
    fields: Mapping[str, object]

    def __post_init__(self) -> None:
        if self.name not in KINDS:
            raise ValueError(f"event {self.name!r} is not registered in facts/event.py")
        unknown = self.fields.keys() - {*KINDS[self.name].fields, "run", "item"}
        if unknown:
            raise ValueError(f"event {self.name!r} has no field {', '.join(sorted(unknown))}")

    def sentence(self, language: str = "en") -> str:
        """What happened, for a person; a field that is not there is "-"."""
        kind = KINDS[self.name]
        text = kind.zh if language == "zh" else kind.en
        said = {name: _said(value) for name, value in self.fields.items()}
        return text.format_map(defaultdict(lambda: "-", said))


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
