from frappe.model.document import Document


class CustomerArchiveDevelopment(Document):
	pass
