"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

EVENT_UNKNOWN = "event_unknown"
SIGNUP_UNKNOWN = "signup_unknown"
CATEGORY_UNKNOWN = "category_unknown"
SLOT_MISSING = "slot_missing"
SLOT_UNKNOWN = "slot_unknown"
SLOT_OVER = "slot_over"

# why not now
EVENT_CANCELLED = "event_cancelled"
SIGN_UP_NOT_OPEN = "sign_up_not_open"
SIGN_UP_OVER = "sign_up_over"
WAVE_GONE = "wave_gone"
EVENT_FULL = "event_full"
QUOTA_FULL = "quota_full"
WAITING_FULL = "waiting_full"
WAITING_NOT_WANTED = "waiting_not_wanted"
ALREADY_SIGNED_UP = "already_signed_up"

# why not this person; `name` is given where it is somebody else
EVENT_NOT_FOR_UNION = "event_not_for_union"
EVENT_NOT_FOR_STANDING = "event_not_for_standing"
EVENT_NOT_FOR_TRADE = "event_not_for_trade"
EVENT_NOT_FOR_SEX = "event_not_for_sex"
SEX_UNKNOWN = "sex_unknown"
TOO_YOUNG = "too_young"
TOO_OLD = "too_old"
BIRTH_UNKNOWN = "birth_unknown"
LEVEL_MISSING = "level_missing"
SIGN_UP_PAUSED = "sign_up_paused"

# why not this team or family
TOO_FEW_MATES = "too_few_mates"
TOO_MANY_MATES = "too_many_mates"
MEN_MISSING = "men_missing"
WOMEN_MISSING = "women_missing"
TOO_MANY_GUESTS = "too_many_guests"
TOO_MANY_CHILDREN = "too_many_children"
CHILD_BIRTH_MISSING = "child_birth_missing"
CHILD_AGE = "child_age"
COMPANION_NAME = "companion_name"
MATE_UNKNOWN = "mate_unknown"
MATE_TWICE = "mate_twice"
MATE_NOT_POSSIBLE = "mate_not_possible"
MATES_TOO_OFTEN = "mates_too_often"

# of an entry that is there
NOT_CAPTAIN = "not_captain"
NOT_INVITED = "not_invited"
SIGNUP_OVER = "signup_over"
NOT_OFFERED = "not_offered"
OFFER_OVER = "offer_over"
NOT_APPLIED = "not_applied"
EVENT_BEGUN = "event_begun"
SIGNUP_MOVED_ON = "signup_moved_on"

# what an officer may get wrong
EVENT_CHANGED = "event_changed"
EVENT_PUBLISHED = "event_published"
EVENT_NOT_PUBLISHED = "event_not_published"
EVENT_OVER = "event_over"
TERM_FIXED = "term_fixed"
QUOTA_BELOW_TAKEN = "quota_below_taken"
NOT_A_DRAW = "not_a_draw"
DRAW_TOO_EARLY = "draw_too_early"
DRAWN_ALREADY = "drawn_already"
REASON_UNKNOWN = "signup_reason_missing"
NOTE_LENGTH = "note_length"

# a unit enters its people
UNIT_ENTRY_OFF = "unit_entry_off"
UNIT_ELSEWHERE = "unit_elsewhere"
UNIT_NOT_POSSIBLE = "unit_not_possible"
UNIT_LIST_EMPTY = "unit_list_empty"
UNIT_LIST_LONG = "unit_list_long"

# what is wrong with an event as it is written
EVENT_TITLE_MISSING = "event_title_missing"
PLACE_MISSING = "event_place_missing"
WORDS_LONG = "event_words_long"
NUMBER_RANGE = "event_number_range"
ROWS_RANGE = "event_rows_range"
LIST_MALFORMED = "event_list_malformed"
ENDS_EARLY = "event_ends_early"
CLOSES_EARLY = "event_closes_early"
CLOSES_LATE = "event_closes_late"
CLOSES_PAST = "event_closes_past"
CANCEL_LATE = "event_cancel_late"
UNION_OUTSIDE = "event_union_outside"
AGES_ORDER = "event_ages_order"
SERIES_MISSING = "event_series_missing"
CATEGORY_UNNAMED = "event_category_unnamed"
ENTRY_SIZE = "event_entry_size"
SEXES_MANY = "event_sexes_many"
SLOT_OUTSIDE = "event_slot_outside"
CAPACITY_MISSING = "event_capacity_missing"
DRAW_UNCOUNTED = "event_draw_uncounted"
QUOTA_OF_NOBODY = "event_quota_of_nobody"
WAVES_NEEDLESS = "event_waves_needless"
WAVES_UNCOUNTED = "event_waves_uncounted"
WAVES_ORDER = "event_waves_order"
WAVES_OUTSIDE = "event_waves_outside"
WAVES_SUM = "event_waves_sum"
OPENED_ALREADY = "event_opened_already"
PICTURE_KIND = "event_picture_kind"

# at the door
DOOR_CODE_UNKNOWN = "door_code_unknown"
DOOR_CODE_EXPIRED = "door_code_expired"
DOOR_NOT_OPEN = "door_not_open"
DOOR_CLOSED = "door_closed"
DOOR_STAFF_ONLY = "door_staff_only"
NOT_SIGNED_UP = "not_signed_up"
NO_WALK_INS = "no_walk_ins"
WALK_IN_UNKNOWN = "walk_in_unknown"
PLACE_NOT_CONFIRMED = "place_not_confirmed"
DOOR_FORMING = "door_forming"
DOOR_WAITING = "door_waiting"
DOOR_OFFERED = "door_offered"
DOOR_ENTRY_OVER = "door_entry_over"
DOOR_TYPED_OFTEN = "door_typed_often"
DOOR_STAMP_OVER = "door_stamp_over"
NOT_IN_YET = "not_in_yet"
UNDO_OVER = "undo_over"
TICK_TIME = "tick_time"
MISS_UNKNOWN = "miss_unknown"
MISS_CLEARED = "miss_cleared"
PAUSE_RANGE = "pause_range"
CERTIFICATE_UNKNOWN = "certificate_unknown"

constraints.register(
    {
        "uq_signup_people_once": ALREADY_SIGNED_UP,
        "uq_signups_event_id_number": SIGNUP_MOVED_ON,
        "uq_events_door_serial": EVENT_CHANGED,
        "uq_event_misses_event_id_member_id": MISS_CLEARED,
    }
)
