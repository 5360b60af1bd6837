-- Number of incidences of seclusion reported between 1st January and 31st December in school accommodation services.
{{ indicator_mart('seclusion_in_school_care') }}
