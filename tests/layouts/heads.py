"""Words that banks print: heads of columns, names of balances, titles."""

from __future__ import annotations

from random import Random

EN = {
    "date": """Date;Transaction Date;Txn Date;Trans Date;Tran. Date;Posting Date;Post Date;
        Booking Date;Date Posted;Entry Date;Process Date;Processed Date;DATE;Trade Date;
        Date of Transaction;Transaction date;Book Date;Posted Date;Trans. Date""",
    "value_date": "Value Date;Value Dt;Val. Date;Value;Valuta;VALUE DATE;Effective Date",
    "time": "Time;Transaction Time;Txn Time",
    "text": """Description;Details;Transaction Details;Particulars;Narrative;Narration;Remarks;
        Transaction Description;Memo;Description of Transaction;Details of Transaction;
        Transaction Particulars;Payment type and details;Transaction;TRANSACTION DETAILS;
        Transaction Remarks;Booking Text;Payee / Description""",
    "reference": """Reference;Ref No.;Ref;Cheque No.;Chq./Ref.No.;Ref No./Cheque No.;
        Reference Number;Transaction ID;Bank Reference;Customer Reference;Tran ID;Instrument No.;
        Chq No.;Check No.;Transaction Ref;Ref. No.;Reference No.;Instrument ID""",
    "debit": """Debit;Debits;Withdrawal;Withdrawals;Paid Out;Money Out;Payments;Debit Amount;
        Withdrawal Amt.;Withdrawal (Dr);Paid out;Payments Out;Withdrawals/Debits;DEBIT;
        Debits (-);Withdrawal Amount;Withdrawals and Debits;Debit (-);Money out""",
    "credit": """Credit;Credits;Deposit;Deposits;Paid In;Money In;Receipts;Credit Amount;
        Deposit Amt.;Deposit (Cr);Paid in;Payments In;Deposits/Credits;CREDIT;Credits (+);
        Deposit Amount;Deposits and Credits;Credit (+);Money in""",
    "amount": "Amount;Transaction Amount;Amt;AMOUNT;Txn Amount;Amount (+/-);Trans. Amount",
    "flag": "D/C;Dr/Cr;DR/CR;Debit/Credit;CR/DR;Sign;Dr / Cr;C/D;DR / CR",
    "type": "Type;Transaction Type;Trans. Type;Txn Type;Trans Type",
    "balance": """Balance;Running Balance;Account Balance;Ledger Balance;Closing Balance;
        BALANCE;Ending Balance;Book Balance;Balance after transaction;Balance Amount""",
    "counterparty": """Counterparty;Beneficiary / Remitter;Payee;Name;Payer/Payee;
        Counterparty Name;Beneficiary/Payer;Remitter/Beneficiary;Beneficiary Name""",
    "serial": "S/N;Sl. No.;S.No.;Sr No;#;Sl No",
    "currency": "Currency;Ccy;CCY;Curr.",
    "branch": "Branch;Channel;Branch Code;Category;Init. Br;Teller",
}
ZH = {
    "date": "交易日期;记账日期;入账日期;日期;交易日;记账日;发生日期;业务日期;会计日期;过账日期",
    "value_date": "起息日;起息日期;生效日期;起息",
    "time": "交易时间;时间;记账时间",
    "text": "摘要;交易摘要;用途;附言;备注;交易说明;"
    "业务摘要;摘要/附言;交易描述;摘要说明;用途/附言;业务说明",
    "reference": "流水号;交易流水号;凭证号;凭证号码;参考号;业务编号;"
    "核心流水号;交易参考号;日志号;柜员流水号;传票号;票据号码",
    "debit": "借方;借方发生额;借方金额;支出;支出金额;"
    "支取;转出金额;借方发生金额;付款金额;取出金额;往账金额",
    "credit": "贷方;贷方发生额;贷方金额;收入;收入金额;"
    "存入;转入金额;贷方发生金额;收款金额;存入金额;来账金额",
    "amount": "交易金额;发生额;金额;交易额;发生金额;记账金额",
    "flag": "借贷标志;借贷;借/贷;收/支;收支;收支标志;借贷方向;借贷标识;借/贷标志",
    "type": "交易类型;业务类型;交易种类;业务种类",
    "balance": "余额;账户余额;交易后余额;本次余额;结余;联机余额;账面余额;当前余额",
    "counterparty": "对方户名;对方名称;对方账户名称;收/付方名称;"
    "交易对手;对手户名;对方单位名称;收付款人名称;对方信息",
    "serial": "序号;序号",
    "currency": "币种;币别;货币",
    "branch": "网点;交易渠道;柜员号;交易网点;钞汇;交易地点;机构号",
}
OPENING = {
    "en": """Opening Balance;Beginning Balance;Previous Balance;Balance Brought Forward;
        Opening Ledger Balance;Starting Balance;Your opening balance;BALANCE B/F;Start balance;
        Balance at start of period;Previous Statement Balance""",
    "zh": "期初余额;上期余额;上月余额;上期结余;上期结存;承前余额;上月结余",
}
CLOSING = {
    "en": """Closing Balance;Ending Balance;New Balance;Closing Ledger Balance;Final Balance;
        Your closing balance;Balance at end of period;End balance;Statement Balance""",
    "zh": "期末余额;本期余额;期末结余;本期结余;期末结存;本月余额",
}
CARRIED = {
    "en": (("Balance carried forward", "Balance brought forward"),
           ("Carried forward", "Brought forward"), ("BALANCE C/F", "BALANCE B/F"),
           ("Carried Over", "Brought Over"), ("Balance c/d", "Balance b/d")),
    "zh": (("过次页", "承前页"), ("转下页", "承上页"), ("转次页", "承上页")),
}  # fmt: skip
TOTALS = {
    "en": (("Total Debits", "Total Credits"), ("Total Withdrawals", "Total Deposits"),
           ("Total Paid Out", "Total Paid In"), ("Total money out", "Total money in"),
           ("Total debit amount", "Total credit amount")),
    "zh": (("借方合计", "贷方合计"), ("借方发生额合计", "贷方发生额合计"), ("支出合计", "收入合计"),
           ("支出总额", "收入总额"), ("借方总金额", "贷方总金额")),
}  # fmt: skip
TOTAL_ROW = {"en": ("Total", "Totals", "TOTAL", "Grand Total"), "zh": ("合计", "总计", "本期合计")}
PAGE_TOTAL = {"en": ("Page total", "Subtotal", "Sub-total"), "zh": ("本页小计", "小计", "本页合计")}
COUNTS = {
    "en": ("Number of transactions: {}", "Total transactions: {}", "Number of entries: {}"),
    "zh": ("总笔数：{}", "共{}笔", "交易笔数：{}"),
}
ACCOUNT = {
    "en": ("Account Number: {}", "Account No. {}", "A/C No: {}", "Account: {}", "Account number {}",
           "Account No : {}"),
    "zh": ("账号：{}", "账号: {}", "卡号：{}", "账户：{}", "账号/卡号：{}", "账　号：{}"),
}  # fmt: skip
CURRENCY = {
    "en": ("Currency: {}", "Account Currency: {}", "Ccy: {}"),
    "zh": ("币种：{}", "货币：{}", "币别: {}"),
}
PERIOD = {
    "en": ("Statement Period: {} to {}", "Period: {} - {}", "From {} To {}",
           "Statement period {} – {}", "For the period {} to {}", "Statement From : {} To : {}"),
    "zh": ("起止日期：{} 至 {}", "查询期间：{} - {}", "对账期间：{}至{}", "交易期间：{} 到 {}",
           "起始日期：{} 终止日期：{}"),
}  # fmt: skip
ISSUED = {"en": ("Statement Date: {}", "Date of statement: {}"), "zh": ("账单日：{}", "出账日：{}")}
PAGES = {
    "en": ("Page {} of {}", "Page {}/{}", "Page: {} of {}", "Page {0}", "{} / {}"),
    "zh": ("第{}页 共{}页", "第{}页/共{}页", "第 {} 页 / 共 {} 页", "第{0}页", "{}/{}"),
}
SECTIONS = {
    "en": (("Deposits and Other Credits", "Withdrawals and Other Debits"),
           ("DEPOSITS AND ADDITIONS", "ELECTRONIC WITHDRAWALS"), ("Credits", "Debits"),
           ("Deposits", "Withdrawals"), ("Money In", "Money Out")),
    "zh": (("收入明细", "支出明细"), ("存入", "支取"), ("贷方明细", "借方明细")),
}  # fmt: skip
PENDING = {
    "en": ("Pending Transactions", "Pending transactions (not yet posted)", "Pending"),
    "zh": ("待入账交易", "未入账交易", "待入账明细"),
}
POSTED = {
    "en": ("Posted Transactions", "Completed transactions"),
    "zh": ("已入账交易", "已入账明细"),
}
FLAGS = {
    "en": (("DR", "CR"), ("D", "C"), ("Dr", "Cr"), ("Debit", "Credit")),
    "zh": (("借", "贷"), ("借方", "贷方"), ("支", "收"), ("支出", "收入")),
}
TYPES = {
    "en": (("Debit", "Credit"), ("Withdrawal", "Deposit"), ("DEBIT", "CREDIT")),
    "zh": (("支出", "收入"), ("借", "贷")),
}
BANKS = {
    "en": ("FIRST HARBOUR BANK PLC", "Meridian National Bank, N.A.", "Rhenane Bank AG",
           "State Bank of the Coast", "Banco Atlantico S.A."),
    "zh": ("中国华东银行", "滨海商业银行股份有限公司", "南方银行深圳分行"),
}  # fmt: skip
TITLES = {
    "en": ("Statement of Account", "Account Statement", "Bank Statement", "Your transactions",
           "Checking Account Activity"),
    "zh": ("账户交易明细", "对账单", "活期账户明细清单", "账户明细查询结果", "客户存款对账单"),
}  # fmt: skip
FEET = {
    "en": ("Registered office 12 Quay Street, London EC2 4XX. Company no. 1029384.",
           "Call us on 0800 123 456 or write to PO Box 900, Leeds LS1 2AB.",
           "This is a computer generated statement and needs no signature.",
           "Please report errors within 30 days. Member of the Deposit Scheme up to 85,000.00.",
           "Deposits are protected up to GBP 85,000 by the scheme."),
    "zh": ("本对账单由系统自动生成，仅供参考。", "客服热线 95599  地址：深圳市福田区深南大道1001号",
           "如有疑问请于10日内与开户网点联系。", "打印日期 2026-07-02 09:15:33 柜员 00123"),
}  # fmt: skip
CARDS = (
    "Credit Limit {}", "Minimum Payment Due {}", "Payment Due Date {}",
)  # fmt: skip
WITH_CURRENCY = {"en": "{} ({})", "zh": "{}({})"}


def words_of(text: str) -> tuple[str, ...]:
    """The words of a list that is written with semicolons."""
    return tuple(" ".join(word.split()) for word in text.split(";"))


def head_for(role: str, language: str, rng: Random, *, at: int | None = None) -> str:
    """A head of a column; "both" has the Chinese one above the English one."""
    if language == "both":
        english = head_for(role, "en", rng, at=at)
        return f"{head_for(role, 'zh', rng, at=at)}\n{english}"
    choices = words_of((EN if language == "en" else ZH)[role])
    return choices[at % len(choices)] if at is not None else rng.choice(choices)
