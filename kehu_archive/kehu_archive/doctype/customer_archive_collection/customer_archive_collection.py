from frappe.model.document import Document


class CustomerArchiveCollection(Document):
	pass
