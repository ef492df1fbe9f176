"""Encryption, wrapped keys and the blind index. R-DSC-01, R-DSC-03."""

from __future__ import annotations

import base64
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.vault import cipher
from kehu_archive.vault.guarded import Key, Plain, quiet

keys = st.binary(min_size=32, max_size=32)
texts = st.text(max_size=400)
homes = st.tuples(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["ID Number", "Bank Account", "Family"]))
digits = st.text("0123456789", min_size=8, max_size=30)


@given(keys, texts, homes)
def test_what_is_sealed_for_a_record_opens_for_it(key: bytes, text: str, home: tuple[str, str, str]) -> None:
	sealed = cipher.seal(key, text, *home)
	assert cipher.unseal(key, sealed, *home) == text
	assert sealed.isascii()


@given(keys, st.text("0123456789", min_size=8, max_size=30), homes)
def test_the_same_text_never_looks_the_same_and_never_shows(key: bytes, text: str, home: tuple[str, str, str]) -> None:
	one, other = cipher.seal(key, text, *home), cipher.seal(key, text, *home)
	assert one != other
	assert text not in one
	assert text.encode() not in base64.b64decode(one.partition(":")[2])


@given(keys, texts, homes, homes)
def test_what_is_moved_to_another_record_does_not_open(
	key: bytes, text: str, home: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
	sealed = cipher.seal(key, text, *home)
	if home == other:
		assert cipher.unseal(key, sealed, *other) == text
	else:
		with pytest.raises(cipher.UnreadableError):
			cipher.unseal(key, sealed, *other)


@given(keys, st.text(min_size=1, max_size=12), st.integers(min_value=0, max_value=11))
def test_parts_of_a_home_cannot_be_shifted(key: bytes, text: str, at: int) -> None:
	"""Record "ab" of archive "c" is not record "a" of archive "bc"."""
	cut, shifted = min(at, len(text)), min(at + 1, len(text))
	sealed = cipher.seal(key, "x", text[:cut], text[cut:], "Family")
	if cut != shifted:
		with pytest.raises(cipher.UnreadableError):
			cipher.unseal(key, sealed, text[:shifted], text[shifted:], "Family")


@given(keys, keys, texts)
def test_another_key_opens_nothing(key: bytes, other: bytes, text: str) -> None:
	sealed = cipher.seal(key, text, "r", "a", "Family")
	if key != other:
		with pytest.raises(cipher.UnreadableError):
			cipher.unseal(other, sealed, "r", "a", "Family")


@given(keys, texts, st.data())
def test_a_changed_byte_is_noticed(key: bytes, text: str, data: st.DataObject) -> None:
	sealed = cipher.seal(key, text, "r", "a", "Family")
	content = bytearray(base64.b64decode(sealed.partition(":")[2]))
	at = data.draw(st.integers(0, len(content) - 1))
	content[at] ^= data.draw(st.integers(1, 255))
	with pytest.raises(cipher.UnreadableError):
		cipher.unseal(key, "k1:" + base64.b64encode(bytes(content)).decode(), "r", "a", "Family")


@given(keys, st.text(max_size=80))
def test_rubbish_is_refused_and_nothing_else_is_raised(key: bytes, rubbish: str) -> None:
	for text in (rubbish, f"k1:{rubbish}"):
		with pytest.raises(cipher.UnreadableError):
			cipher.unseal(key, text, "r", "a", "Family")


@given(keys, keys, st.text(max_size=30), st.text(max_size=30))
def test_a_data_key_belongs_to_its_archive_and_master(master: bytes, other: bytes, archive: str, another: str) -> None:
	data_key = cipher.new_data_key()
	wrapped = cipher.wrap(master, data_key, archive)
	assert bytes(cipher.unwrap(master, wrapped, archive)) == bytes(data_key)
	for wrong_master, wrong_archive in ((other, archive), (master, another)):
		if (wrong_master, wrong_archive) != (master, archive):
			with pytest.raises(cipher.UnreadableError):
				cipher.unwrap(wrong_master, wrapped, wrong_archive)


@given(keys, digits, st.lists(st.tuples(st.integers(0, 30), st.sampled_from([" ", "-", "　", "."])), max_size=6))
def test_spelling_makes_no_difference_to_the_blind_index(key: bytes, number: str, gaps: list[tuple[int, str]]) -> None:
	spelled = number
	for at, gap in gaps:
		spelled = spelled[:at] + gap + spelled[at:]
	wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in number)
	index = cipher.blind_index(key, "Bank Account", number)
	assert cipher.blind_index(key, "Bank Account", spelled) == index
	assert cipher.blind_index(key, "Bank Account", wide) == index
	assert len(index) == 64
	assert number not in index


def test_the_last_letter_of_an_id_number_may_be_small() -> None:
	key = bytes(32)
	assert cipher.blind_index(key, "ID Number", "11010519491231002x") == cipher.blind_index(
		key, "ID Number", "11010519491231002X"
	)


@given(keys, keys, digits, digits)
def test_the_blind_index_tells_numbers_kinds_and_keys_apart(key: bytes, other: bytes, one: str, two: str) -> None:
	index = cipher.blind_index(key, "Bank Account", one)
	assert (cipher.blind_index(key, "Bank Account", two) == index) == (one == two)
	assert cipher.blind_index(key, "ID Number", one) != index
	assert (cipher.blind_index(other, "Bank Account", one) == index) == (key == other)


def test_secrets_do_not_show_themselves() -> None:
	assert "6222" not in repr(Plain("6222"))
	assert "6222" not in repr({"a": [Plain("6222")]})
	assert "secret" not in f"{Key(b'secret')!r} {Key(b'secret')}"


def _inner(text: str) -> None:
	copy = text + "1"
	try:
		raise KeyError(len(copy))
	except KeyError as error:
		raise ValueError from error


@quiet()
def _outer() -> None:
	_inner("6222" * 4)


def test_an_error_that_leaves_the_vault_carries_no_variables() -> None:
	with pytest.raises(ValueError) as caught:
		_outer()
	error: BaseException | None = caught.value
	while error:
		shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
		assert "6222" * 4 not in shown
		error = error.__cause__
	# The same without the vault does show them: the test can fail.
	with pytest.raises(ValueError) as bare:
		_inner("6222" * 4)
	shown = "".join(traceback.TracebackException.from_exception(bare.value, capture_locals=True).format())
	assert "6222" * 4 in shown
