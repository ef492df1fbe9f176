from frappe.model.document import Document


class CustomerArchiveLicence(Document):
	pass
