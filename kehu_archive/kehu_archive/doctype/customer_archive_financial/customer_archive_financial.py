from frappe.model.document import Document


class CustomerArchiveFinancial(Document):
	pass
