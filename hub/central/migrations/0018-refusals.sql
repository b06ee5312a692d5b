-- What became of a partner's refusal of a delivery, which is the delivery's own state; the alert delivery-rejected follows it.
alter table delivery
  -- open: nobody has acted on it; accepted: the partner took it later; resent: its document was sent again, as resent_as; skipped: nothing more is to be done. Null: no refusal.
  add column refusal text check (refusal in ('open', 'accepted', 'resent', 'skipped')),
  add column refused_at timestamptz,
  add column refusal_settled_at timestamptz,
  add column resent_as uuid;

with refused as (
  select own.id, coalesce(no.at, own.understood_at, own.answered_at, own.received_at, own.sent_at) as refused_at, again.id as resent_as, said.closed_at,
    case
      when said.opened_at is not null and said.closed_at is null then 'open'
      when again.id is not null then 'resent'
      when exists (select from delivery_answer yes where yes.delivery_id = own.id and not yes.rejected and yes.stage <> 'received' and yes.at > no.at) then 'accepted'
      else 'skipped'
    end as refusal
  from delivery own
    left join lateral (select min(answer.at) as at from delivery_answer answer where answer.delivery_id = own.id and answer.rejected) no on true
    left join lateral (select opened_at, closed_at from alert where kind = 'delivery-rejected' and subject = own.id::text order by alert.id desc limit 1) said on true
    left join delivery again on again.source = 'again:' || own.id and again.cause = 1
  where own.rejected
)
update delivery set refusal = refused.refusal, refused_at = refused.refused_at, refusal_settled_at = refused.closed_at, resent_as = refused.resent_as
from refused where refused.id = delivery.id;

create index delivery_refused on delivery (position) where refusal = 'open';
