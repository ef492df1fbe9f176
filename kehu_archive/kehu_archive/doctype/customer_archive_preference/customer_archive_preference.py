from frappe.model.document import Document


class CustomerArchivePreference(Document):
	pass
