from frappe.model.document import Document


class CustomerArchiveExtraItem(Document):
	pass
