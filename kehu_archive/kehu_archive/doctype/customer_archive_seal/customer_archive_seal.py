from frappe.model.document import Document


class CustomerArchiveSeal(Document):
	pass
