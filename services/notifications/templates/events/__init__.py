"""Of events. What a lock screen, a card or an SMS shows never names the title of a private kind: fact "lock".

The facts of an entry: `event` and `place` as the organiser wrote them, `at` when it begins for this entry, `until` a
limit that the words explain, `signup` which entry, `lock` the title where a lock screen may show it.
"""

from services.notifications.templates.events import coming, ended, waiting
from services.notifications.templates.template import Template

TEMPLATES: dict[str, Template] = {**coming.TEMPLATES, **waiting.TEMPLATES, **ended.TEMPLATES}
