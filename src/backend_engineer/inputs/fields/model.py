"""The fields of the data model.

Owns: their clauses, reasons and options (INPT-04).
Must never know: how gaps are found, merged or shown.
"""

from __future__ import annotations

from backend_engineer.inputs.fields.facts import absent, facts, shape, value

__all__ = ["DATA_MODEL"]

DATA_MODEL = {
    "data_model/entities": facts(
        "INPT-04",
        "Migrations and models are held against the entities.",
        shape("Each entity with its table, fields, relations, indexes, constraints and retention"),
        absent("The service keeps no data"),
    ),
    "data_model/entities/*/name": facts(
        "INPT-04",
        "Relations and the API speak of an entity by its name.",
        shape("The entity's name, in the singular"),
        shape("The name that the code uses for it"),
    ),
    "data_model/entities/*/table": facts(
        "INPT-04",
        "Migrations build the table under this name.",
        shape("The table's name as the database has it"),
        shape("The table's name with its schema"),
    ),
    "data_model/entities/*/fields": facts(
        "INPT-04",
        "Migrations and models are held against the fields.",
        shape("Each column with name, type and whether it may be null"),
        shape("Copy the columns from the table's definition"),
    ),
    "data_model/entities/*/fields/*/name": facts(
        "INPT-04",
        "The column is known by its name.",
        shape("The column's name as the database has it"),
        shape("The name that the migration gives it"),
    ),
    "data_model/entities/*/fields/*/type": facts(
        "INPT-04",
        "What migrations build must have this type.",
        shape("The SQL type as the dialect writes it"),
        value("Text", "text"),
    ),
    "data_model/entities/*/fields/*/nullable": facts(
        "INPT-04",
        "A column that may not be null needs a value for the rows that already exist.",
        value("It may be null, which existing rows allow", True),
        value("It may not be null", False),
    ),
    "data_model/entities/*/relations": facts(
        "INPT-04",
        "Foreign keys are built and checked by the relations.",
        absent("The entity points at no other"),
        shape("Own columns, the entity, the columns there"),
        may_be_empty=True,
    ),
    "data_model/entities/*/relations/*/columns": facts(
        "INPT-04",
        "A foreign key needs its own columns.",
        shape("The columns that hold the key"),
        shape("The one column that holds the other entity's id"),
    ),
    "data_model/entities/*/relations/*/entity": facts(
        "INPT-04",
        "A foreign key needs what it points at.",
        shape("The name of the entity"),
        shape("Strike the relation"),
    ),
    "data_model/entities/*/relations/*/references": facts(
        "INPT-04",
        "A foreign key needs the columns that it points at.",
        shape("The columns in the other entity, in the same order"),
        value("Its column id", ["id"]),
    ),
    "data_model/entities/*/indexes": facts(
        "INPT-04",
        "Queries must be covered by an index.",
        absent("The primary key is enough"),
        shape("The columns of each index, in order"),
        may_be_empty=True,
    ),
    "data_model/entities/*/indexes/*/columns": facts(
        "INPT-04",
        "An index is known by its columns.",
        shape("The columns in order"),
        shape("Strike the index"),
    ),
    "data_model/entities/*/constraints": facts(
        "INPT-04",
        "Rules that the database enforces must stand in the migration.",
        absent("There are none beyond types and keys"),
        shape("Each constraint as the dialect writes it"),
        may_be_empty=True,
    ),
    "data_model/entities/*/retention": facts(
        "INPT-04",
        "Whether rows may be deleted, and when, must be known before code deletes or keeps them.",
        value(
            "Kept until the owner deletes them", "Kept until the owner deletes them; never deleted by a job."
        ),
        shape("A duration such as P2Y, or a sentence"),
        absent("No rule asks for a limit"),
    ),
}
