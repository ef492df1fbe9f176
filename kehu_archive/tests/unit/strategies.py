"""What the property tests draw from: names, texts and codes as they occur in customer files."""

from __future__ import annotations

from hypothesis import strategies as st
from stdnum.cn import uscc

COMMON = (
	"北京上海华为科技实业发展建设工程贸易中国金龙大和平电子机械食品文化信息网络环球东方明珠新城宏远光明顺达"
)
TRADITIONAL = "華為東風國際貿易電腦機電實業發展龍門環球聯合傳媒藥業飲食學術臺灣雲門"
REGIONS = ("北京", "上海", "深圳", "浙江", "苏州")
FORMS = ("有限公司", "股份有限公司", "有限责任公司", "集团", "厂", "公司")

hanzi = st.sampled_from(COMMON)
core_names = st.text(hanzi, min_size=2, max_size=12)
traditional_names = st.text(st.sampled_from(TRADITIONAL + COMMON), min_size=2, max_size=12)
company_names = st.builds(lambda core, form: core + form, core_names, st.sampled_from(FORMS))
any_text = st.text(max_size=40)
cjk_text = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=12)
name_text = st.one_of(any_text, cjk_text, company_names, traditional_names)
mobiles = st.builds(
	lambda second, rest: f"1{second}{rest:09d}", st.sampled_from("3456789"), st.integers(0, 999_999_999)
)


def credit_code(body: str) -> str:
	"""A correct unified social credit code from 17 characters."""
	return body + uscc.calc_check_digit(body)


credit_codes = st.builds(
	lambda region, rest: credit_code(f"91{region:06d}{rest}"),
	st.integers(110000, 659000),
	st.text(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"), min_size=9, max_size=9),
)
