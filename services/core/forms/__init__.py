"""Questions that an officer puts together, and what people answer: sign-ups, applications. Pure: no database, no clock.

found = forms.read(form, given, files)      # answers, or every fault at its question
forms.dumped(form), forms.dumped_answers(found)     # as JSON keeps them
"""

from services.core.forms.building import faults_of
from services.core.forms.reading import merged, read, visible
from services.core.forms.saying import shown
from services.core.forms.storing import dumped, dumped_answers, loaded, loaded_answers
from services.core.forms.types import (
    Answer,
    Answers,
    Faults,
    Form,
    Handed,
    Kind,
    OnlyIf,
    Question,
    files_of,
    given_of,
)

__all__ = [
    "Answer",
    "Answers",
    "Faults",
    "Form",
    "Handed",
    "Kind",
    "OnlyIf",
    "Question",
    "dumped",
    "dumped_answers",
    "faults_of",
    "files_of",
    "given_of",
    "loaded",
    "loaded_answers",
    "merged",
    "read",
    "shown",
    "visible",
]
