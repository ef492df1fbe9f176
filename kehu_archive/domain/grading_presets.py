"""The grading schemes that the app brings along, as data.

Contract: a `Preset` is one scheme with its grades and the rules of a first version, in the form's own units: amounts in 10,000 CNY, None where the regulation
leaves a blank that a company fills in. `version_values` gives the rows of a version under the field names of its form; `grading_rows.draft_of` reads them.
Names, meanings and strategies are Chinese data that a company rewrites; titles and bases are English sources of translations.
Contact days are those of the regulation's telephone calls (A and B every week, C every two weeks: R-CAD-01, -05, -07, V-22). Update months, bands, weights and
the other contact days are proposals, the regulations name none.

Clause: R-GRD-01 to R-GRD-04, R-GRD-06 to R-GRD-12, R-GRD-14, R-GRD-15, R-GRD-17, R-GRD-19, V-03, V-04, V-05; form F-04; RFM for recency, frequency and amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from kehu_archive.domain import grading_terms as terms

SYSTEM: Final = "System"
JUDGED: Final = "Judged"


@dataclass(frozen=True)
class PresetGrade:
	"""A grade with what follows from it; a label other than the code is an alias. Grades stand best first."""

	code: str
	description: str
	strategy: str
	contact_every_days: int
	update_every_months: int
	colour: str
	label: str = ""
	share: int = 0
	score_from: int = 0
	logic: str = ""
	needs_manager: bool = False
	is_important: bool = False


@dataclass(frozen=True)
class PresetCriterion:
	"""A criterion of a grade; None is a blank of the regulation."""

	grade: str
	metric: str
	threshold: int | None = None
	comparison: str = terms.AT_LEAST
	years: int = 0
	is_always: bool = False


@dataclass(frozen=True)
class PresetFactor:
	"""A factor with its weight, how it is scored in words, and its bands as (from, below, points)."""

	metric: str
	weight: int
	standard: str
	bands: tuple[tuple[int | None, int | None, int], ...] = ()

	@property
	def source(self) -> str:
		"""Whether the system knows the value or a person judges it (F-04 数据来源)."""
		return JUDGED if metric_is_judged(self.metric) else SYSTEM


@dataclass(frozen=True)
class Preset:
	"""A scheme: `name` is its Chinese name, `title` and `basis` are shown translated, `purposes` what it is used for unless told otherwise."""

	key: str
	name: str
	title: str
	basis: str
	description: str
	method: str
	grades: tuple[PresetGrade, ...]
	criteria: tuple[PresetCriterion, ...] = ()
	factors: tuple[PresetFactor, ...] = ()
	purposes: tuple[str, ...] = ()
	score_by: str = terms.BY_FACTORS


def metric_is_judged(metric: str) -> bool:
	"""Whether people give the value: the judged factors and the likelihood of a deal."""
	return metric in terms.JUDGED or metric == terms.LIKELIHOOD


def _deals(grade: str) -> tuple[PresetCriterion, ...]:
	return (PresetCriterion(grade, terms.DEALS, 1, is_always=True),)


def _prospect(grade: str) -> tuple[PresetCriterion, ...]:
	return (
		PresetCriterion(grade, terms.DEALS, 0, terms.AT_MOST, is_always=True),
		PresetCriterion(grade, terms.INTENTION, 1, is_always=True),
	)


_SCORE: Final = "按 0–100 分评定"
_CONVERT: Final = "通过营销和推广活动介绍产品与服务，了解需求，约定首次试单，促成转化为成交客户。"

ABC: Final = Preset(
	"abc",
	"ABC 分级",
	"ABC: 20 / 40 / 40 percent",
	"A 20 %, B 40 %, C 40 % of all customers by region, strength and likelihood of a deal (000 III.5.2-3, R-GRD-14, R-GRD-15)",
	"按区域、客户实力和成交的可能性排名：前 20% 为 A 级，其后 40% 为 B 级，其余 40% 为 C 级。集中有限资源，区别对待。",
	terms.QUOTAS,
	(
		PresetGrade(
			"A",
			"排名前 20% 的客户，实力强、成交可能性大，投入专门资源。",
			"专人收集资讯并分析动态；每周至少电话沟通一次，每两个月拜访高层领导一次；随时提出建议和合作切入点。",
			7,
			3,
			"red",
			share=20,
			needs_manager=True,
		),
		PresetGrade(
			"B",
			"排名居中的 40%，有培养价值的客户。",
			"每周至少电话联络一次，每三个月拜访营销总监及以上管理人员一次；了解新需求，培养为 A 级。",
			7,
			6,
			"orange",
			share=40,
		),
		PresetGrade(
			"C",
			"其余 40%，保持日常联系的客户。",
			"每两周至少电话联络一次，每四个月拜访营销部门经理或营销总监一次；以标准化服务为主，留意升级机会。",
			14,
			12,
			"blue",
			share=40,
		),
	),
	factors=(PresetFactor(terms.STRENGTH, 50, _SCORE), PresetFactor(terms.LIKELIHOOD, 50, "按百分比")),
	purposes=(terms.ACCESS, terms.CONTACT),
)

KEY_STABLE_GENERAL: Final = Preset(
	"key-stable-general",
	"重点·稳定·一般·潜在",
	"Key, stable, general and potential customers",
	"Three or two years in a row, single contract, yearly total or demand, national rank; the amounts are blanks (003 3.3-3.6, 5.1.2, R-GRD-01 to R-GRD-06)",
	"按连续年度合同额、单笔合同额、全年累计合同额或潜在需求、全国排名分类，金额由公司按年度填写。条件之间默认满足任一即可，试算同时给出全部满足的结果。",
	terms.THRESHOLDS,
	(
		PresetGrade(
			"重要",
			"连续三年及以上全年合同额、单笔合同额、全年累计合同额或潜在需求、规模和技术的全国排名达到规定的客户；与“重要客户”同义。",
			"公司领导参与维护，指定客户经理；每季度拜访，年度签订合作计划；优先保障供货、服务和投诉处理。",
			7,
			3,
			"red",
			label="重点",
			needs_manager=True,
			is_important=True,
		),
		PresetGrade(
			"稳定",
			"连续两年及以上全年合同额、单笔合同额、全年累计合同额或潜在需求达到规定的客户。",
			"定期回访，掌握采购计划；推介新产品与增值服务，挖掘需求，培养为重点客户。",
			14,
			6,
			"orange",
		),
		PresetGrade(
			"一般",
			"没有满足重要客户及稳定客户条件的其他成交客户。",
			"按需提供标准服务；通过活动和推荐提高复购，留意可以升级的客户。",
			30,
			12,
			"blue",
		),
		PresetGrade("潜在", "对公司的产品及服务有需求，并有合作意向，尚未成交的客户。", _CONVERT, 30, 6, "gray"),
	),
	(
		PresetCriterion("重要", terms.CONSECUTIVE_YEARS, years=3),
		PresetCriterion("重要", terms.LARGEST_CONTRACT),
		PresetCriterion("重要", terms.YEAR_TOTAL_OR_DEMAND),
		PresetCriterion("重要", terms.NATIONAL_RANK, None, terms.AT_MOST),
		PresetCriterion("稳定", terms.CONSECUTIVE_YEARS, years=2),
		PresetCriterion("稳定", terms.LARGEST_CONTRACT),
		PresetCriterion("稳定", terms.YEAR_TOTAL_OR_DEMAND),
		*_deals("一般"),
		*_prospect("潜在"),
	),
	purposes=(terms.ANALYSIS,),
)

IMPORTANT_CORE_GENERAL: Final = Preset(
	"important-core-general",
	"重要·核心·一般·潜在",
	"Important, core, general and potential customers",
	"By importance and needs; core means an important potential partner (001 articles 6-10, R-GRD-08 to R-GRD-12, V-04)",
	"按客户的重要性和需求特点划分。注意：本方案的“核心客户”指重要的潜在合作伙伴，不等于最重要的客户，也不换算为其他方案的等级。",
	terms.THRESHOLDS,
	(
		PresetGrade(
			"重要",
			"业务的主要支撑和收入来源，须重点关注和维护，建立长期稳定的合作关系。",
			"必须指定客户经理；领导定期走访，签订长期协议，专门团队保障交付，按季度检讨合作情况。",
			7,
			3,
			"red",
			needs_manager=True,
		),
		PresetGrade(
			"核心",
			"重要的潜在合作伙伴，合作潜力和发展空间较大；与“潜在”并列，不表示最重要。",
			"加强沟通与合作，登记联合开拓计划，共同开拓市场，逐步扩大合作范围。",
			14,
			6,
			"orange",
		),
		PresetGrade("一般", "普通客户，有一定的收入和价值。", "根据需求给予适当的服务和支持，控制维护成本。", 30, 12, "blue"),
		PresetGrade("潜在", "未来业务的发展潜力所在，尚未成交。", _CONVERT, 30, 6, "gray"),
	),
	(
		PresetCriterion("重要", terms.YEAR_TOTAL),
		PresetCriterion("重要", terms.LARGEST_CONTRACT),
		PresetCriterion("核心", terms.POTENTIAL_DEMAND),
		PresetCriterion("核心", terms.PROSPECTS),
		*_deals("一般"),
		*_prospect("潜在"),
	),
)

POTENTIAL_LOYAL_HIGH_VALUE: Final = Preset(
	"potential-loyal-high-value",
	"高价值·忠诚·潜在",
	"High-value, loyal and potential customers",
	"Classes of customers, each with its own marketing plan (000 I, R-GRD-17); the regulation gives no numbers",
	"高价值客户看金额，忠诚客户看合作年限和次数，潜在客户有意向而未成交；每类各有营销计划。",
	terms.THRESHOLDS,
	(
		PresetGrade(
			"高价值",
			"交易金额突出的客户。",
			"一对一服务，提供定制方案和优先资源，按年度制定合作目标。",
			14,
			3,
			"red",
			needs_manager=True,
		),
		PresetGrade("忠诚", "长期、反复交易的客户。", "积分、回馈和老客户优先权，邀请参加活动，请其推荐新客户。", 30, 6, "orange"),
		PresetGrade("潜在", "有需求和意向、尚未成交的客户。", _CONVERT, 30, 6, "gray"),
	),
	(
		PresetCriterion("高价值", terms.YEAR_TOTAL),
		PresetCriterion("高价值", terms.LARGEST_CONTRACT),
		PresetCriterion("忠诚", terms.COOPERATION_YEARS),
		PresetCriterion("忠诚", terms.FREQUENCY),
		*_prospect("潜在"),
	),
)

HOTEL: Final = Preset(
	"hotel",
	"酒店宾客分级",
	"Hotel: VIP, long-term partner, returning guest",
	"VIP guests, returning guests by the number of stays and long-term partners (002 VI.4, R-GRD-19)",
	"VIP 客户看金额，长期协作单位看合作年限和全年金额，回头客按入住次数自动判定（每次入住为一笔成交）。",
	terms.THRESHOLDS,
	(
		PresetGrade(
			"VIP",
			"消费金额突出、须由管理人员接待的宾客。",
			"管理人员迎送，提前布置房间，生日送花、节日致贺，主题活动和新菜式优先推荐。",
			30,
			3,
			"red",
			needs_manager=True,
		),
		PresetGrade(
			"长期协作",
			"多年合作、用量稳定的单位。",
			"协议价格和月结便利，每季度走访征询意见，保证旺季用房用餐。",
			30,
			6,
			"orange",
			logic=terms.ALL,
		),
		PresetGrade("回头客", "入住两次及以上的宾客。", "按客史中的偏好备房，入住后征询意见，节日寄贺卡，推荐新产品。", 90, 12, "blue"),
	),
	(
		PresetCriterion("VIP", terms.MONETARY),
		PresetCriterion("长期协作", terms.COOPERATION_YEARS),
		PresetCriterion("长期协作", terms.YEAR_TOTAL),
		PresetCriterion("回头客", terms.DEALS, 2),
	),
)

SCORECARD: Final = Preset(
	"scorecard",
	"成交客户分级评价",
	"Scorecard of six factors",
	"Turnover, credit, profit contribution, demand, strength and prospects; from 80 key, from 60 stable, below general (003 5.1.2, F-04, R-GRD-07)",
	"按《成交客户分级评价表》的六项因素加权评分：80 分及以上为重点，60–79 分为稳定，60 分以下为一般。权重和分档可以调整，权重合计须为 100%。",
	terms.SCORECARD,
	(
		PresetGrade("重点", "综合得分 80 分及以上。", "指定客户经理，领导参与维护，优先保障。", 7, 3, "red", score_from=80, needs_manager=True),
		PresetGrade("稳定", "综合得分 60 至 79 分。", "定期回访，针对得分低的因素提出改进措施。", 14, 6, "orange", score_from=60),
		PresetGrade("一般", "综合得分 60 分以下。", "标准服务，控制信用风险，留意升级机会。", 30, 12, "blue"),
	),
	factors=(
		PresetFactor(
			terms.YEAR_TOTAL,
			30,
			"全年成交额：不足 10 万元 20 分，10 万元起 40 分，50 万元起 60 分，100 万元起 80 分，500 万元起 100 分",
			((None, 10, 20), (10, 50, 40), (50, 100, 60), (100, 500, 80), (500, None, 100)),
		),
		PresetFactor(terms.CREDIT, 20, _SCORE),
		PresetFactor(terms.PROFIT, 15, _SCORE),
		PresetFactor(terms.DEMAND, 15, _SCORE),
		PresetFactor(terms.STRENGTH, 10, _SCORE),
		PresetFactor(terms.PROSPECTS, 10, _SCORE),
	),
)

RFM: Final = Preset(
	"rfm",
	"RFM 价值分级",
	"RFM: recency, frequency, amount",
	"Days since the last deal, deals and amount in twelve months (R-ANA-16); bands and weights are proposals",
	"按最近一次成交距今天数、十二个月内成交次数和金额加权评分。分档和权重可以调整，权重合计须为 100%。",
	terms.SCORECARD,
	(
		PresetGrade("重要价值", "近期、经常且大额交易的客户。", "保持高频联系，提供专属方案，防止流失。", 14, 3, "red", score_from=80),
		PresetGrade("重要发展", "交易良好、仍可提高次数或金额的客户。", "推荐关联产品，组合优惠，提高交易频次。", 30, 6, "orange", score_from=60),
		PresetGrade("一般保持", "交易较少的客户。", "定期推送信息，以低成本方式保持联系。", 60, 12, "blue", score_from=40),
		PresetGrade("沉睡挽回", "长期没有交易的客户。", "了解停止交易的原因，安排专人挽回，或作出未成交结论。", 90, 12, "gray"),
	),
	factors=(
		PresetFactor(
			terms.RECENCY,
			30,
			"30 天以内 100 分，90 天以内 80 分，180 天以内 60 分，一年以内 30 分，更久 0 分",
			((None, 31, 100), (31, 91, 80), (91, 181, 60), (181, 366, 30), (366, None, 0)),
		),
		PresetFactor(
			terms.FREQUENCY,
			30,
			"12 次起 100 分，6 次起 80 分，3 次起 60 分，1 次起 30 分",
			((None, 1, 0), (1, 3, 30), (3, 6, 60), (6, 12, 80), (12, None, 100)),
		),
		PresetFactor(
			terms.MONETARY,
			40,
			"50 万元起 100 分，10 万元起 80 分，5 万元起 60 分，1 万元起 30 分",
			((None, 1, 0), (1, 5, 30), (5, 10, 60), (10, 50, 80), (50, None, 100)),
		),
	),
)

PRESETS: Final = {
	one.key: one
	for one in (ABC, KEY_STABLE_GENERAL, IMPORTANT_CORE_GENERAL, POTENTIAL_LOYAL_HIGH_VALUE, HOTEL, SCORECARD, RFM)
}
"""Every preset by its key."""


def version_values(preset: Preset, year: int) -> dict[str, Any]:
	"""The first version of a preset under the field names of its form."""
	return {
		"year": year,
		"method": preset.method,
		"first_month": 1,
		"logic": terms.ANY,
		"least": 1,
		"upgrade_share": Decimal(80),
		"score_by": preset.score_by,
		"per_region": 0,
		"grades": [_grade_values(one) for one in preset.grades],
		"criteria": [dict(one.__dict__) for one in preset.criteria],
		"factors": [
			{"metric": one.metric, "weight": one.weight, "standard": one.standard, "source": one.source}
			for one in preset.factors
		],
		"bands": [
			{"metric": one.metric, "value_from": lower, "value_to": upper, "points": scored}
			for one in preset.factors
			for lower, upper, scored in one.bands
		],
	}


def _grade_values(grade: PresetGrade) -> dict[str, Any]:
	values = dict(grade.__dict__)
	code = values.pop("code")
	return {**values, "grade": code, "label": grade.label or code}


def texts() -> tuple[str, ...]:
	"""Everything in the presets that is shown in the site's language."""
	return tuple(text for preset in PRESETS.values() for text in (preset.title, preset.basis))
