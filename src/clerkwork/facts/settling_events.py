"""Events of what people stop, do again, take back, match by hand and write off."""

from __future__ import annotations

from clerkwork.facts.event_kind import EventKind

SETTLING: dict[str, EventKind] = {
    "run.stop_asked": EventKind(
        ("by", "why"), "{by} stopped run {run}: {why}", "{by} 停止运行 {run}：{why}"
    ),
    "run.stopped": EventKind((), "run {run} stopped as it was asked to", "运行 {run} 已按要求停止"),
    "run.resumed": EventKind(
        ("by", "why"),
        "{by} let the items of run {run} go on: {why}",
        "{by} 恢复运行 {run} 的业务件：{why}",
    ),
    "run.retry_asked": EventKind(
        ("of", "by", "why"),
        "{by} has run {run} do run {of} again: {why}",
        "{by} 以运行 {run} 重做运行 {of}：{why}",
    ),
    "item.held": EventKind(
        (),
        "item {item} is not keyed: run {run} is stopped",
        "业务件 {item} 暂不录入：运行 {run} 已停止",
    ),
    "item.reversal_asked": EventKind(
        ("of", "by", "why"),
        "{by} asked for item {item}, which takes {of} back: {why}",
        "{by} 申请以业务件 {item} 冲正 {of}：{why}",
    ),
    "item.correction_asked": EventKind(
        ("of", "by", "why"),
        "{by} asked for item {item}, which keys right what {of} keyed wrongly: {why}",
        "{by} 申请以业务件 {item} 更正 {of}：{why}",
    ),
    "item.sent_back": EventKind(
        ("by", "person", "why"),
        "{by} sent item {item} back to {person}: {why}",
        "{by} 将业务件 {item} 退回 {person}：{why}",
    ),
    "break.sent_back": EventKind(
        ("about", "by", "person", "why"),
        "{by} sent break {about} back to {person}: {why}",
        "{by} 将不符项 {about} 退回 {person}：{why}",
    ),
    "break.write_off_asked": EventKind(
        ("about", "rule", "by", "why"),
        "{by} asked for item {item}, which writes off break {about} by rule {rule}: {why}",
        "{by} 按规则 {rule} 申请以业务件 {item} 转销不符项 {about}：{why}",
    ),
    "match.proposed": EventKind(
        ("match", "breaks", "by", "why"),
        "{by} proposed match {match} of {breaks} breaks: {why}",
        "{by} 提出手工勾对 {match}，涉及 {breaks} 项不符项：{why}",
    ),
    "match.agreed": EventKind(
        ("match", "by", "why"),
        "{by} agreed to match {match}: its breaks are cleared",
        "{by} 同意手工勾对 {match}，相关不符项已清",
    ),
    "match.sent_back": EventKind(
        ("match", "by", "why"),
        "{by} sent match {match} back: {why}",
        "{by} 退回手工勾对 {match}：{why}",
    ),
}
