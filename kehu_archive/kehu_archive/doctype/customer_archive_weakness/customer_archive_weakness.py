from frappe.model.document import Document


class CustomerArchiveWeakness(Document):
	pass
