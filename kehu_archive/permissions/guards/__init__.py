"""The framework's own roads to a record, and what stands on each of them.

The framework asks the query conditions and `has_permission` on lists, forms and REST; many of its other calls ask neither. So every request passes `gate` once its
user is known and before anything is called, whatever the call's name, its parameters or the version of the framework:

- `asked` reads what a request names: DocTypes of ours and records of them, wherever in its parameters.
- `names` lets no call touch a record by name that is not open to the user; a hidden record and a missing one are the same to him.
- `queries` lets no field, filter or order leave the grammar of plain columns, nor reach from another DocType into ours.
- `calls` closes calls that can never be safe on our DocTypes, and back doors to those that are replaced.
- `files` guards private papers, also against who uploaded them.

Calls whose answer has to be another one are replaced (`counts`, `existence`, `grouping`, `charts`, `reports`, `exporting`, `timeline`); each of them leaves
records of other DocTypes to the framework's own function. `answers` makes the refusal of a hidden record and the absence of one the same answer. `sharing` and
`notices` stop what the framework writes down about records for others to read.
"""
