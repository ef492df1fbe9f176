from frappe.model.document import Document


class AccessRuleApprover(Document):
	pass
