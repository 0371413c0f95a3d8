-- The facts, as the offices hand them over. Months are text 'YYYY-MM'; times are local (Asia/Shanghai), without zone.
-- Every table of facts says where a row came from (source_id), with which load, and when it last changed.

-- Facts about the store itself.
create table meta (
    key text not null primary key,
    value text
);

-- One row a load.
create table import_batch (
    batch_id bigint not null primary key,
    started_at timestamp,
    finished_at timestamp,
    folder text,
    state text
);

-- One row a file of a load: read = accepted + rejected + duplicate.
create table import_file (
    batch_id bigint,
    file text,
    layout text,
    table_name text,
    sha256 text,
    encoding text,
    crs text,
    code_system text,
    read bigint,
    accepted bigint,
    rejected bigint,
    duplicate bigint,
    unknown_columns text,
    dropped_columns text
);

-- One row a rejected row, with what to do.
create table import_reject (
    batch_id bigint,
    file text,
    "row" bigint,
    "column" text,
    value text,
    reason text,
    advice text
);

-- Administrative places: the district, its towns, their communities.
create table region (
    region_id text not null,
    code_system text,
    name text,
    name_en text,
    level text,
    kind text,
    parent_id text,
    geom blob,
    geom_basis text,
    resident_pop integer,
    valid_from date,
    valid_to date,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (region_id)
);

-- Buildings with their outline (WKB, EPSG:4326).
create table building (
    building_id text not null,
    name text,
    address_std text,
    community_id text,
    kind text,
    floors integer,
    geom blob,
    crs_in text,
    grade text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (building_id)
);

-- Party organisations, by affiliation (parent_org_id) and by place (region_id, building_id, floor).
create table organisation (
    org_id text not null,
    name text,
    short_name text,
    kind text,
    unit_relation text,
    domain text,
    parent_org_id text,
    region_id text,
    building_id text,
    floor integer,
    lon double,
    lat double,
    founded_on date,
    abolished_on date,
    status text,
    unit_count integer,
    group_count integer,
    term_years integer,
    last_election_on date,
    term_end_on date,
    extension_to date,
    full_members integer,
    members integer,
    unified_credit_code text,
    is_network_branch boolean,
    merged_into text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (org_id)
);

-- Members under a pseudonym; only what sums need. No name, number, phone or address is ever stored.
create table member (
    member_pid text not null,
    branch_id text,
    status text,
    sex text,
    birth_year integer,
    education text,
    joined_month text,
    full_month text,
    occupation text,
    contact_state text,
    lost_since date,
    last_contact_on date,
    found_on date,
    lost_reason text,
    floating text,
    flow_city text,
    availability text,
    exempt_activity boolean,
    exempt_study boolean,
    in_service boolean,
    community_reported boolean,
    probation_end date,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (member_pid)
);

-- Who holds which post, by pseudonym.
create table post (
    post_id text not null,
    org_id text,
    member_pid text,
    role text,
    from_on date,
    to_on date,
    is_concurrent boolean,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (post_id)
);

-- Meetings and other activities of organisation life.
create table activity (
    activity_id text not null,
    org_id text,
    institution text,
    title text,
    public boolean,
    start_at timestamp,
    end_at timestamp,
    place_kind text,
    position_id text,
    lon double,
    lat double,
    due_count integer,
    attended_count integer,
    leave_count integer,
    absent_count integer,
    for_year integer,
    lecturer_role text,
    group_no integer,
    make_up_for text,
    status text,
    source text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (activity_id)
);

-- Sign-ins: an event, the first word stands.
create table attendance (
    activity_id text not null,
    member_pid text not null,
    "at" timestamp,
    channel text,
    reader_id text,
    state text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (activity_id, member_pid)
);

-- Dues of a branch and month, heads only, never amounts.
create table dues_month (
    branch_id text not null,
    month text not null,
    liable_count integer,
    paid_count integer,
    exempt_count integer,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (branch_id, month)
);

-- Up to which month a member has paid.
create table dues_status (
    member_pid text not null,
    paid_through_month text,
    cycle text,
    exempt_from text,
    exempt_to text,
    liable_from text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (member_pid)
);

-- Hours of study: an event, the first word stands.
create table study_record (
    record_id text not null,
    member_pid text,
    branch_id text,
    on_date date,
    hours double,
    kind text,
    course_id text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (record_id)
);

-- Transfers of membership and the step each stands at.
create table transfer (
    transfer_id text not null,
    member_pid text,
    scope text,
    from_org_id text,
    from_external text,
    to_org_id text,
    to_external text,
    reason text,
    route text,
    letter_no text,
    letter_issued_on date,
    letter_valid_days integer,
    dues_paid_to text,
    status text,
    applied_on date,
    step_entered_at timestamp,
    decided_at timestamp,
    decided_by_org text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (transfer_id)
);

-- Democratic appraisal of a year, heads only.
create table appraisal_year (
    org_id text not null,
    year integer not null,
    eligible integer,
    participated integer,
    excellent integer,
    qualified integer,
    basic integer,
    unqualified integer,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (org_id, year)
);

-- Stars of a year, 0 = not rated.
create table star_rating (
    org_id text not null,
    year integer not null,
    stars integer,
    score double,
    prev_stars integer,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (org_id, year)
);

-- Organisations listed as weak or backward, until they leave the list.
create table weak_org (
    org_id text not null,
    listed_on date not null,
    kind text,
    criteria text,
    lead_by text,
    stage text,
    delisted_on date,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (org_id, listed_on)
);

-- Positions 阵地: service centres, classrooms, academies.
create table position (
    position_id text not null,
    name text,
    kind text,
    org_id text,
    region_id text,
    lon double,
    lat double,
    opened_on date,
    capacity integer,
    featured boolean,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (position_id)
);

-- Use of a position on a day: an event, the first word stands.
create table position_use (
    position_id text not null,
    on_date date not null,
    events integer,
    visits integer,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (position_id, on_date)
);

-- Requests for help that members take up; nothing about who asked.
create table service_request (
    request_id text not null,
    community_id text,
    category text,
    raised_at timestamp,
    taken_at timestamp,
    done_at timestamp,
    status text,
    volunteers integer,
    hours double,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (request_id)
);

-- Companies and other units in buildings, and how they are covered by an organisation.
create table unit (
    unit_id text not null,
    name text,
    building_id text,
    floor integer,
    region_id text,
    coverage text,
    member_count integer,
    org_id text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (unit_id)
);

-- When an organisation's life rests by approval; to_on null = still.
create table org_pause (
    org_id text not null,
    from_on date not null,
    to_on date,
    reason text,
    approver text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (org_id, from_on)
);

-- Elections that were held, and extensions that were approved with them.
create table election (
    org_id text not null,
    held_on date not null,
    kind text,
    approved_extension_to date,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (org_id, held_on)
);

-- Institutions that an organisation need not carry out.
create table exempt_institution (
    org_id text not null,
    institution text not null,
    reason text,
    approver text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (org_id, institution)
);

-- Who of a joint activity came from which organisation, heads only.
create table joint_share (
    activity_id text not null,
    org_id text not null,
    due_count integer,
    attended_count integer,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (activity_id, org_id)
);

-- Pairs that were to talk in a year and that did, heads only.
create table heart_talk_year (
    org_id text not null,
    year integer not null,
    due_count integer,
    held_count integer,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (org_id, year)
);

-- What was decided about a member out of contact.
create table disposal (
    member_pid text not null,
    on_date date not null,
    kind text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (member_pid, on_date)
);

-- What was decided at the end of a probation.
create table probation_decision (
    member_pid text not null,
    decided_on date not null,
    kind text,
    extended_to date,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (member_pid, decided_on)
);

-- From when until when a member could not be expected; to_on null = still.
create table availability_spell (
    member_pid text not null,
    from_on date not null,
    to_on date,
    state text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (member_pid, from_on)
);

-- Every step of a transfer: when it came to which state, and whose turn it was.
create table transfer_event (
    transfer_id text not null,
    seq integer not null,
    from_status text,
    to_status text,
    "at" timestamp,
    org_id text,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (transfer_id, seq)
);

-- Card readers and when each was last heard.
create table reader (
    reader_id text not null,
    org_id text,
    last_seen_at timestamp,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (reader_id)
);

-- From when until when a reader was silent; to_on null = still.
create table reader_outage (
    reader_id text not null,
    from_on date not null,
    to_on date,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (reader_id, from_on)
);

-- Members of a branch by their points of a year, heads only.
create table points_branch (
    branch_id text not null,
    year integer not null,
    band text not null,
    n integer,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (branch_id, year, band)
);

-- Members of a branch who did voluntary work in a year, heads only.
create table volunteer_year (
    branch_id text not null,
    year integer not null,
    volunteers integer,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (branch_id, year)
);

-- The calendar of workdays with public holidays and swapped days.
create table workday (
    day date not null,
    is_workday boolean,
    source_id text,
    import_batch_id bigint,
    updated_at timestamp,
    primary key (day)
);
