-- The words of what is wrong with a message, as they are searched: those of its beginning, for a tsvector holds a megabyte and a message whose words do not go in was not taken.
create function error_words(answer json) returns tsvector language sql immutable parallel safe as $$
  select to_tsvector('simple', left(string_agg(concat_ws(' ', issue ->> 'code', issue ->> 'at', issue ->> 'detail', issue -> 'fix' ->> 'en', issue -> 'fix' ->> 'zh', issue ->> 'rule'), ' ' order by place), 150000))
  from (select issue, place from json_array_elements(answer -> 'errors') with ordinality as told (issue, place) limit 500) as first
$$;

drop index message_error_words;
create index message_error_words on message using gin (error_words(answer)) where outcome in ('partial', 'rejected');
