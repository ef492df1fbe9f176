from frappe.model.document import Document


class CustomerArchiveShareholder(Document):
	pass
