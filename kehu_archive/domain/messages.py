"""Every message the domain can return, in one place, as English templates.

Contract: `MESSAGES[code]` is the source string that callers translate; placeholders are filled after the translation. Each message says
what is wrong and what to do. `{label}` is the field's label and is supplied by the caller; no message repeats a secret value.
`TERMS` lists the other words (states, actions, columns ...) that appear as parameters and must be translated as well.
"""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
	# general
	"in-row": "Row {row}: {text}",
	"missing": "{label}: this is empty; fill it in",
	"not-text": "{label}: the cell holds something that is neither text, number nor date; paste its value",
	"formula": "{label}: the cell holds a formula; copy the column and paste it back as values",
	"cell-error": "{label}: the cell holds the spreadsheet error {value}; correct the cell",
	"too-long": "{label}: {length} characters are too many, at most {limit} fit; shorten the text",
	# unified social credit code
	"uscc-length": "{label}: a unified social credit code has 18 characters, this one has {length}; compare it with the business licence",
	"uscc-alphabet": (
		"{label}: the character {character} at position {position} cannot occur there; compare the code with the business licence "
		"(the letters I, O, S, V and Z are never used)"
	),
	"uscc-check": "{label}: the check character must be {expected}; compare the code with the business licence",
	"lost-digits": "{label}: the cell was stored as a number and has lost digits; format the cell as text and type the code again",
	# resident identity number
	"ric-length": "{label}: an identity number has 18 characters, this one has {length}; compare it with the identity card",
	"ric-old": "{label}: this is an old identity number of 15 digits; enter the 18 characters of the present card",
	"ric-alphabet": "{label}: the first 17 characters must be digits and the last a digit or X; compare it with the identity card",
	"ric-region": "{label}: no province has the code {region}; compare the first two digits with the identity card",
	"ric-county": "{label}: the region code {region} is not in the published list; compare the first six digits with the identity card",
	"ric-birth": "{label}: digits 7 to 14 are not a possible date of birth; compare them with the identity card",
	"ric-check": "{label}: the check digit does not fit the other digits; compare every digit with the identity card",
	# telephone
	"mobile": "{label}: a mobile number has 11 digits and begins with 13 to 19; check the number",
	"landline": "{label}: write a landline as area code, number and extension, like 010-65521234-801; check the number",
	"landline-area": "{label}: a number with the area code {area} has {digits} digits after it; check the number",
	"phone": "{label}: this is neither a mobile number, a landline, a service number nor a number with a country code; check it",
	"phone-country": "{label}: after the country code come 6 to 14 digits; check the number",
	# address and network
	"postcode": "{label}: a postcode has six digits; check it",
	"postcode-padded": "{label}: the leading zero was missing and has been added; check the postcode {value}",
	"email": "{label}: this is no e-mail address; it needs a name, the sign @ and a domain such as example.com",
	"website": "{label}: this is no web address; write it like www.example.com",
	# bank
	"bank-digits": "{label}: an account number consists of digits only; remove the other characters",
	"bank-length": "{label}: an account number has 8 to 30 digits, this one has {length}; check it",
	"bank-luhn": "{label}: if this is a bank card, a digit is wrong or two are swapped; compare it with the card",
	# company figures
	"share-range": "{label}: a share lies between 0 and 100 percent; correct it",
	"share-total": "{label}: the shares add up to {total} percent; they cannot exceed 100, correct the rows",
	"future-date": "{label}: the date {value} lies in the future; enter a date up to {today}",
	"headcount": "{label}: {chinese} Chinese and {foreign} foreign staff make {sum}, but the headcount says {headcount}; check the three numbers",
	"negative": "{label}: the number cannot be below zero; correct it",
	"year-twice": "{label}: the year {year} is listed twice; keep one row for each year",
	"year-range": "{label}: {year} is no possible year; enter the year with four digits",
	"date-order": "{label}: the end {end} lies before the beginning {start}; correct one of them",
	"date-unclear": "{label}: this is no date; write it like 2015-03-08",
	"date-incomplete": "{label}: the day is missing; write the full date like 2015-03-08",
	"date-impossible": "{label}: this day does not exist in the calendar; correct the date",
	"amount-unclear": "{label}: this is no amount; write a number such as 1200000, or with its unit such as 120万元",
	"amount-currency": "{label}: only amounts in Chinese yuan are taken; convert it from {currency} and enter the yuan",
	"amount-capitals": "{label}: amounts in Chinese capital numerals are not read; write the number in digits",
	"amount-size": "{label}: the amount is too large; check the unit",
	# archive number
	"pattern-empty": "{label}: the pattern is empty; write one such as {example}",
	"pattern-braces": "{label}: the braces do not match; write each placeholder as {{name}}",
	"pattern-unknown": "{label}: the placeholder {placeholder} is unknown; use fonds, class, year and serial",
	"pattern-twice": "{label}: the placeholder {placeholder} occurs twice; keep one",
	"pattern-serial": "{label}: the running number is missing; end the pattern with {{serial:5}}",
	"pattern-last": "{label}: the running number must come last; move {{serial:5}} to the end",
	"pattern-width": "{label}: the running number needs a width from 3 to 9, written like {{serial:5}}",
	"pattern-separator": "{label}: put a separator such as a hyphen before the running number, so that no two numbers can become equal",
	"pattern-literal": "{label}: the character {character} cannot stand in an archive number; use letters, digits, hyphen, dot or underscore",
	"code-part": "{label}: use one to ten letters or digits",
	# life cycle
	"state-unknown": "{state} is no state of an archive; choose one of the list",
	"state-start": "A new archive begins as a draft; save it as a draft first",
	"state-final": "A destroyed archive cannot be changed any more; look into the destruction register",
	"state-destroy": "An archive is destroyed by a destruction order only; prepare one after the appraisal",
	"state-destroy-from": "An archive is destroyed only after its appraisal; start the appraisal first",
	"state-closed": "There is no step from {from_state} to {to_state}; from here an archive goes to: {next_states}",
	"state-end": "There is no step from {from_state} to {to_state}; this archive stays where it is",
	"state-role": "The step {action} is reserved for the role {roles_needed}; ask a person who has it",
	"state-self": "The step {action} must be done by someone else than the person who entered the archive; ask a colleague",
	"need-verification": "The step {action} needs the verification result Confirmed; record the result of the verification first",
	"need-classification": "The step {action} needs a proposed confidentiality; ask customer service to propose one first",
	"need-custodian": "The step {action} needs a custodian; name the person who keeps the archive first",
	"not-editor": "In the state {state} the content is edited by the role {roles_needed}; ask a person who has it",
	"verification-early": "{label}: the result is recorded by the Market Inspector while the archive is submitted; ask a colleague who has this role",
	"classification-others": "{label}: the confidentiality is proposed by customer service or the archivist; ask a colleague there",
	"classification-late": "{label}: the confidentiality was approved; ask for a return for correction to change it",
	"need-unsealed": "This archive was sealed before its appraisal; keep it sealed and let the General Manager unseal it",
	# custody, confidentiality and disclosure
	"not-custodian": "{label}: a filed archive is edited by its custodian or by the role {roles_needed}; ask one of them",
	"custodian-others": "{label}: the custodian is named by the roles {roles_needed}; ask a colleague who has one of them",
	"grade-others": "{label}: the grade is set by the roles {roles_needed}; ask a colleague who has one of them",
	"past-date": "{label}: the day {value} is past; enter a later one",
	"period-range": "{label}: enter a number from 0 to {limit}",
	"period-twice": "{label}: a period in years is given too; keep one of the two",
	"request-start": "A new classification request begins as reported; save it first",
	"request-closed": "There is no such step from {from_state}; the request goes on to: {next_states}",
	"request-end": "This request is decided; write a new one to change the confidentiality",
	"request-self": "The step {action} must be done by someone who neither reported nor proposed; ask another company leader",
	"request-field": "{label}: this cannot be changed in the state {state} or not by you; ask whose step it is",
	"never-disclosed": "{label}: archives of the type {type_name} are never given to outsiders; remove the request",
	"disclosure-closed": "The step {action} does not follow on the state {state}; open the form again",
	"disclosure-keeper": "Only who keeps the archive hands it out and closes the request; ask the customer service department",
	"disclosure-applicant": "Only the applicant withdraws or changes the request; ask him",
	"disclosure-settled": "{label}: an approver has decided on the request as it is; withdraw it and apply anew to change it",
	"disclosure-over": "{label}: the period ended on {value}; apply anew",
	"consent-evidence": "{label}: the materials hold personal information; attach the evidence of the person's separate consent first",
	"consent-date": "{label}: the materials hold personal information; enter the day of the separate consent first",
	"issuer-unsigned": "{label}: who hands out signs; add the signature first",
	"recipient-unnamed": "{label}: enter who received the materials",
	"recipient-unsigned": "{label}: who receives signs; let the recipient sign or attach the signed receipt",
	# import
	"sheet-empty": "The sheet is empty; choose a workbook with at least one customer",
	"sheet-header": "No line of column names was found in the first {limit} lines; the sheet needs at least the column {column}",
	"sheet-column": "The column {column} is missing; add it to the sheet and fill it in",
	"sheet-twice": "The column {column} occurs twice ({first} and {second}); delete or rename one",
	"row-twice": "This customer is already in row {first} of the sheet; delete one of the two rows",
	"name-empty": "{label}: the customer name is empty; if the cell was merged with the one above, split it and repeat the name",
	"type-unknown": "{label}: {value} is no customer type; write Organisation or Individual",
	"type-assumed": "{label}: the sheet does not say it, {kind} was assumed; check it",
	"category-unknown": "{label}: {value} is no customer category (key, stable, general, potential or existing customer); it was noted in the remark, check it there",
	"source-unknown": "{label}: {value} is none of the eight channels; it was filed under Other",
	"phones-many": "{label}: more than {limit} numbers are in the cell; the others were left out",
	# approvals
	"approve-own": "Nobody approves what he asks for himself; let another person decide",
	"approve-over": "This was decided already; open it again to see the decision",
	"approve-twice": "You have decided one step already; let somebody else decide the next one",
	"approve-turn": "It is not your turn yet; the step before yours is still open",
	"approve-others": "You are not among those who decide this request; ask one of them",
	# borrowing
	"loan-state": "In the state {state} this step is not possible; open the request again",
	"loan-own": "This step is done by somebody else than the borrower; ask a colleague",
	"loan-keeper": "This step belongs to those who keep the archive; ask customer service",
	"loan-approver": "You are not among those who decide this request; ask one of them",
	"loan-unresolved": "{label}: customer service has not found the file yet; let it do so first",
	"loan-resolved": "{label}: the file of this request is settled already; write a new request for another",
	"loan-paper": "{label}: this is a loan of the paper; record the hand-over and the pages",
	"loan-open": "The file was opened already; end that first",
	"loan-not-open": "The file was not handed over yet; record that first",
	"loan-stays": "This file must not leave the office; ask to consult it here",
	"loan-method": "{label}: giving a file to an outsider needs a Disclosure Request; make one",
	"wish-past": "{label}: the date {value} has passed; choose today or a later day",
	"renew-important": "Important material is returned the same day and is not renewed; apply again tomorrow",
	"renew-same-day": "This file is returned the same day and is not renewed; apply again tomorrow",
	"renew-rule": "The rule for this file allows no renewal; return it and apply again",
	"renew-often": "A loan is renewed at most {limit} times; return the file and apply again",
	"renew-late": "This loan is overdue and cannot be renewed; let the file come back first",
	"copies-method": "Copies need a request with the method Photocopy; apply for one",
	"copies-many": "{approved} copies are approved and {made} are made already; apply for further copies",
	"copies-rule": "The rule for this file allows no copies; consult it in the archive room instead, or ask customer service",
	"copies-consent": "{label}: copies of this file need the customer's consent; attach the evidence first",
	"pages-missing": "{label}: count the pages and enter their number",
	"condition-unknown": "{label}: choose Intact, Damaged or Lost",
	# violations
	"fine-range": "{label}: a penalty of this kind lies between {least} and {most} yuan; correct it",
	"violation-state": "In the state {state} this step is not possible; open the violation again",
	"violation-person": "The person concerned does not decide his own case; let another person do so",
	"violation-proposer": "Who proposed a penalty does not confirm it; let another person do so",
	"violation-decider": "A penalty is confirmed by the General Manager or a Company Leader; ask one of them",
	"violation-appeal": "Only the person concerned appeals; ask him to do so",
	"violation-keeper": "This is not done by the person concerned; ask customer service",
	"violation-replaced": "The replacement was recorded already; open the violation again to see it",
	"violation-no-file": "No file has to be replaced in this case; check the kind of violation",
}
"""Message code to English template."""


def template(code: str) -> str:
	"""Return the English template of a message code; an unknown code is a programming error (KeyError)."""
	return MESSAGES[code]
