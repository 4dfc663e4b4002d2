"""The shapes of the gateway's desk on the wire."""

from marshmallow import Schema, fields, validate

from app import message_desk
from app.api.schemas import Answer, BothOut
from services.notifications.types import Channel, Language

WHICH = {"description": "template, oa_subscribe, mp_subscribe or sms"}


class GatewayMessageOut(Answer):
    name = fields.String()
    subject = fields.String()
    title = fields.Nested(BothOut, metadata={"description": "as a lock screen shows it"})
    version = fields.Integer(metadata={"description": "of the words"})
    group = fields.String()
    answers = fields.String(allow_none=True, metadata={"description": "the act; null: never by WeChat's own messages"})
    layout = fields.String(allow_none=True)
    channels = fields.List(fields.String(), metadata={"description": "of this installation; the inbox always"})
    sms = fields.String(metadata={"description": "never, urgent (at once) or unread (after a while)"})
    at_once = fields.Boolean(metadata={"description": "goes out at night too"})
    useful_minutes = fields.Integer()


class GatewayMessagesOut(Answer):
    items = fields.List(fields.Nested(GatewayMessageOut))


class GatewayFieldOut(Answer):
    field = fields.String()
    text = fields.String(metadata={"description": "cut to what its type takes"})


class GatewaySmsOut(Answer):
    text = fields.String(metadata={"description": "without the 【sign】"})
    length = fields.Integer(metadata={"description": "with it"})
    pieces = fields.Integer(metadata={"description": "how many messages the carrier counts"})


class GatewayPreviewOut(Answer):
    language = fields.String()
    title = fields.String()
    body = fields.String(metadata={"description": "in the inbox only"})
    card = fields.List(fields.Nested(GatewayFieldOut), allow_none=True, metadata={"description": "in WeChat"})
    sms = fields.Nested(GatewaySmsOut, allow_none=True)


class GatewayMessageWholeOut(GatewayMessageOut):
    previews = fields.List(fields.Nested(GatewayPreviewOut), metadata={"description": "filled with a sample"})


class GatewayColleagueOut(Answer):
    account_id = fields.UUID()
    name = fields.String()


class GatewayColleaguesOut(Answer):
    items = fields.List(fields.Nested(GatewayColleagueOut))


class GatewayTestIn(Schema):
    to = fields.UUID(required=True, metadata={"description": "a colleague's account_id"})
    channels = fields.List(
        fields.Enum(Channel, by_value=True), load_default=list, validate=validate.Length(max=len(Channel)),
        metadata={"description": "none: the union's inbox only"},
    )  # fmt: skip
    language = fields.Enum(
        Language, by_value=True, load_default=Language.ZH, metadata={"description": "by the template of this language"}
    )


class GatewayTestOut(Answer):
    message_id = fields.UUID(metadata={"description": "in the union's inbox"})


class GatewayMappedOut(Answer):
    version = fields.Integer()
    platform_id = fields.String()
    keys = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "our field -> theirs"})
    long_term = fields.Boolean()
    set_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True, metadata={"description": "null: it holds"})


class GatewayLayoutOut(Answer):
    channel = fields.String(metadata=WHICH)
    layout = fields.String()
    language = fields.String(metadata={"description": "zh or en"})
    name = fields.Nested(BothOut, metadata={"description": "what to look for in the platform's library"})
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.String(allow_none=True), data_key="fields",
        metadata={"description": "ours, with the type of the platform's key; null: any"},
    )  # fmt: skip
    used_by = fields.List(fields.String(), metadata={"description": "messages"})
    mapped = fields.Nested(GatewayMappedOut, allow_none=True)


class GatewayLayoutsOut(Answer):
    items = fields.List(fields.Nested(GatewayLayoutOut))


class GatewayLayoutPastOut(GatewayLayoutOut):
    past = fields.List(fields.Nested(GatewayMappedOut), metadata={"description": "the newest first, this one too"})


class GatewayLanguageIn(Schema):
    language = fields.Enum(Language, by_value=True, load_default=Language.ZH)


class GatewayMappingIn(Schema):
    language = fields.Enum(Language, by_value=True, load_default=Language.ZH)
    platform_id = fields.String(required=True, validate=validate.Length(max=64))
    keys = fields.Dict(
        keys=fields.String(validate=validate.Length(max=40)), values=fields.String(validate=validate.Length(max=20)),
        required=True, validate=validate.Length(max=20), metadata={"description": "our field -> theirs, each once"},
    )  # fmt: skip
    long_term = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    seen = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 100_000),
        metadata={"description": "the version that the caller looked at; 0: there was none"},
    )  # fmt: skip


class GatewayPauseOut(Answer):
    channel = fields.String(metadata={"description": "as above, or mass: the mass messages of notices"})
    subject = fields.String(metadata={"description": "the platform's template; empty: the whole channel"})
    reason = fields.String(metadata={"description": "the platform's code, or a word of ours"})
    since = fields.AwareDateTime()
    until = fields.AwareDateTime(allow_none=True, metadata={"description": "null: until somebody releases it"})


class GatewayPausesOut(Answer):
    items = fields.List(fields.Nested(GatewayPauseOut))


class GatewayReleaseIn(Schema):
    channel = fields.String(required=True, validate=validate.OneOf(message_desk.PAUSABLE))
    subject = fields.String(load_default="", validate=validate.Length(max=64))
