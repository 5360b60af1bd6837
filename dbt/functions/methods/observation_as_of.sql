-- Whether a figure had been revised by that day, not whether it has been since.
select
    {{ observation_columns(is_revised='has_been_revised') }}
from {{ as_released(ref('fct_observation_vintage')) }}
where published_from <= as_of and (published_to is null or as_of < published_to)
