"""The statements of the synthetic volume. Each writes the rows numbered from %(first)s to %(last)s of one table."""

from typing import Final

# `volume_id` makes a version 7 identifier from a number, ordered as the numbers are; `pick` draws from 0 to k - 1, always the same.
FUNCTIONS: Final = """
CREATE OR REPLACE FUNCTION pg_temp.volume_id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (lpad(to_hex(1704067200000 + n * 1000), 12, '0') || '7' || substr(md5(kind || n), 1, 3)
            || '8' || substr(md5(kind || n), 4, 15))::uuid
$$;
CREATE OR REPLACE FUNCTION pg_temp.volume_born(n bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT timestamptz '2024-01-01 00:00+00' + n * interval '1 second'
$$;
CREATE OR REPLACE FUNCTION pg_temp.pick(n bigint, salt int, k int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT abs(hashint8extended(n, salt) %% k)::int
$$;
"""

ORGANISATIONS: Final = """
INSERT INTO partnership_organisation (id, created_at, updated_at, kind, activities, name_fr, name_ar, acronym, status, status_reason, ice,
    licence_kind, licence_number, size, region_id, email, phone, website, address, source, is_demo, is_host)
SELECT pg_temp.volume_id('organisations', n), pg_temp.volume_born(n), pg_temp.volume_born(n), 'operator',
    ARRAY[(ARRAY['hotel', 'riad', 'agency_a', 'transport', 'guide', 'restaurant'])[k + 1]],
    (ARRAY['Hôtel', 'Riad', 'Agence de voyages', 'Transport touristique', 'Guides associés', 'Table d''hôtes'])[k + 1] || ' '
        || (ARRAY['Agdal', 'Ménara', 'Chellah', 'Oudaïas', 'Énergie verte', 'Bahía', 'Toubkal', 'Sirocco', 'Ziz', 'Drâa', 'des Oliviers',
            'de la Médina', 'Jasmin', 'Argana', 'Tafoukt', 'Les Amandiers', 'Bab Rouah', 'Sidi Kaouki', 'Dar Zitoune', 'Al Manzah',
            'Grand Atlas', 'Tichka', 'La Palmeraie', 'Saghro', 'Izoran', 'Fleur d''oranger', 'Bab Doukkala', 'Ourika', 'Corniche',
            'Lalla Takerkoust'])[1 + pg_temp.pick(n, 2, 30)] || ' '
        || (ARRAY['Marrakech', 'Agadir', 'Fès', 'Tanger', 'Casablanca', 'Rabat', 'Essaouira', 'Ouarzazate', 'Meknès', 'Chefchaouen',
            'Dakhla', 'Tétouan'])[1 + pg_temp.pick(n, 8, 12)] || ' ' || n || ' (volume)',
    (ARRAY['فندق', 'رياض', 'وكالة أسفار', 'نقل سياحي', 'مرشدون', 'مطعم'])[k + 1] || ' '
        || (ARRAY['أكدال', 'المنارة', 'شالة', 'الوداية', 'الطاقة', 'الباهية', 'توبقال', 'الشرقي', 'زيز', 'درعة', 'الزيتون', 'المدينة',
            'الياسمين', 'أركانة', 'تافوكت', 'اللوز', 'باب الرواح', 'سيدي كاوكي', 'دار الزيتون', 'المنزه', 'الأطلس الكبير',
            'تيشكا', 'النخيل', 'صاغرو', 'إيزوران', 'زهر البرتقال', 'باب دكالة', 'أوريكة', 'الكورنيش',
            'لالة تكركوست'])[1 + pg_temp.pick(n, 2, 30)] || ' '
        || (ARRAY['مراكش', 'أكادير', 'فاس', 'طنجة', 'الدار البيضاء', 'الرباط', 'الصويرة', 'ورزازات', 'مكناس', 'شفشاون',
            'الداخلة', 'تطوان'])[1 + pg_temp.pick(n, 8, 12)] || ' ' || n,
    '', 'registered', '',
    (900000000 + n)::text || '0001' || lpad(((97 - ((900000000 + n) * 10000 + 1) * 100 %% 97) %% 97)::text, 2, '0'),
    '', '', (ARRAY['micro', 'small', 'medium', 'large'])[1 + pg_temp.pick(n, 3, 4)],
    (%(regions)s::uuid[])[1 + pg_temp.pick(n, 4, cardinality(%(regions)s::uuid[]))],
    '', '', '', '', 'Donnée synthétique de volume, inventée', true, false
FROM generate_series(%(first)s, %(last)s::bigint) n, LATERAL (SELECT pg_temp.pick(n, 1, 6) k) kind
"""

AFFILIATIONS: Final = """
INSERT INTO partnership_affiliation (id, created_at, updated_at, organisation_id, body_id, status, reason, starts_on, source)
SELECT pg_temp.volume_id('affiliations', n), pg_temp.volume_born(n), pg_temp.volume_born(n), pg_temp.volume_id('organisations', n),
    (%(bodies)s::uuid[])[1 + pg_temp.pick(n, 1, cardinality(%(bodies)s::uuid[]))], 'active', '',
    date '2023-01-01' + pg_temp.pick(n, 2, 700), ''
FROM generate_series(%(first)s, %(last)s::bigint) n
"""

# An address under `.invalid` reaches nobody, and a password that starts with « ! » opens nothing.
ACCOUNTS: Final = """
INSERT INTO accounts_user (id, created_at, updated_at, password, is_superuser, email, full_name, language, is_active, is_staff, joined_at,
    session_stamp)
SELECT pg_temp.volume_id('accounts', n), pg_temp.volume_born(n), pg_temp.volume_born(n), '!volume', false,
    'volume-' || n || '@volume.invalid',
    (ARRAY['Amina', 'Driss', 'Hélène', 'Karim', 'Naïma', 'Salma', 'Youssef', 'Zineb'])[1 + pg_temp.pick(n, 1, 8)] || ' '
        || (ARRAY['Aït Lahcen', 'Bennis', 'El Fassi', 'Tazi', 'Ouazzani', 'Berrada'])[1 + pg_temp.pick(n, 2, 6)] || ' ' || n,
    (ARRAY['fr', 'fr', 'ar'])[1 + pg_temp.pick(n, 3, 3)], true, false, pg_temp.volume_born(n), pg_temp.volume_id('stamps', n)
FROM generate_series(%(first)s, %(last)s::bigint) n
"""

PEOPLE: Final = """
INSERT INTO partnership_person (id, created_at, updated_at, user_id, full_name, email, phone, languages, is_demo)
SELECT pg_temp.volume_id('people', n), u.created_at, u.created_at, u.id, u.full_name, u.email, '', ARRAY[u.language], true
FROM generate_series(%(first)s, %(last)s::bigint) n JOIN accounts_user u ON u.id = pg_temp.volume_id('accounts', n)
"""

MANDATES: Final = """
INSERT INTO partnership_mandate (id, created_at, updated_at, person_id, organisation_id, role, title, starts_on, source)
SELECT pg_temp.volume_id('mandates', n), pg_temp.volume_born(n), pg_temp.volume_born(n), pg_temp.volume_id('people', n),
    pg_temp.volume_id('organisations', n), 'administrator', '', date '2024-01-01', ''
FROM generate_series(%(first)s, %(last)s::bigint) n
"""

CONVENTIONS: Final = """
INSERT INTO partnership_convention (id, created_at, updated_at, reference, kind, title_fr, title_ar, title_en, object_fr, object_ar,
    object_en, place, signed_on, effective_on, renewal, visibility, status, status_reason, source, note)
SELECT pg_temp.volume_id('conventions', n), pg_temp.volume_born(n), pg_temp.volume_born(n), 'VOL-' || lpad(n::text, 4, '0'), 'specific',
    'Convention de volume n° ' || n || ' (données synthétiques)', 'اتفاقية حجم رقم ' || n || ' (معطيات اصطناعية)',
    'Volume convention ' || n || ' (synthetic data)', 'Donnée synthétique de volume, inventée.', '', '', 'Rabat',
    date '2024-02-01' + pg_temp.pick(n, 1, 300), date '2025-02-01', '', 'parties', 'in_force', '', '', 'Donnée synthétique de volume.'
FROM generate_series(%(first)s, %(last)s::bigint) n
"""

PARTIES: Final = """
INSERT INTO partnership_party (id, created_at, updated_at, convention_id, organisation_id, "order", signatory, quality)
SELECT pg_temp.volume_id('parties', n), pg_temp.volume_born(n), pg_temp.volume_born(n),
    pg_temp.volume_id('conventions', 1 + (n - 1) / 3),
    CASE (n - 1) %% 3 WHEN 0 THEN %(host)s::uuid WHEN 1 THEN %(confederation)s::uuid
        ELSE pg_temp.volume_id('organisations', 1 + (n - 1) / 3) END,
    1 + (n - 1) %% 3, '', ''
FROM generate_series(%(first)s, %(last)s::bigint) n
"""

AXES: Final = """
INSERT INTO partnership_axis (id, created_at, updated_at, convention_id, code, "order", title_fr, title_ar, title_en, object_fr, object_ar,
    object_en)
SELECT pg_temp.volume_id('axes', n), pg_temp.volume_born(n), pg_temp.volume_born(n), pg_temp.volume_id('conventions', 1 + (n - 1) / 5),
    'volet-' || k, k,
    (ARRAY['Compétitivité internationale', 'Tourisme intérieur', 'Digitalisation', 'Formation', 'Accessibilité aérienne'])[k],
    (ARRAY['التنافسية الدولية', 'السياحة الداخلية', 'الرقمنة', 'التكوين', 'الربط الجوي'])[k],
    (ARRAY['International competitiveness', 'Domestic tourism', 'Digitalisation', 'Training', 'Air access'])[k], '', '', ''
FROM generate_series(%(first)s, %(last)s::bigint) n, LATERAL (SELECT 1 + (n - 1) %% 5 k) place
"""

COMMITMENTS: Final = """
INSERT INTO partnership_commitment (id, created_at, updated_at, convention_id, axis_id, reference, obligor_id, beneficiary_id, title_fr,
    title_ar, title_en, description, nature, amount, due_on, recurrence, status, declared_at, declaration, settled_at, contested_at,
    contest_reason, arbitration, status_reason, source)
SELECT pg_temp.volume_id('commitments', n), pg_temp.volume_born(n), %(now)s - pg_temp.pick(n, 9, 90) * interval '1 day',
    pg_temp.volume_id('conventions', c), pg_temp.volume_id('axes', (c - 1) * 5 + 1 + pg_temp.pick(n, 1, 5)),
    'V-' || lpad((1 + (n - 1) %% 250)::text, 4, '0'),
    pg_temp.volume_id('parties', (c - 1) * 3 + 1 + n %% 2), pg_temp.volume_id('parties', (c - 1) * 3 + 2 - n %% 2),
    (ARRAY['Organiser un voyage de presse', 'Former les équipes d''accueil', 'Publier les données de fréquentation',
        'Moderniser le portail', 'Accompagner les opérateurs'])[1 + pg_temp.pick(n, 2, 5)] || ', engagement ' || n,
    (ARRAY['تنظيم رحلة صحفية', 'تكوين فرق الاستقبال', 'نشر معطيات التوافد', 'تحديث البوابة', 'مواكبة المهنيين'])[1 + pg_temp.pick(n, 2, 5)]
        || '، التزام ' || n, '', 'Donnée synthétique de volume.',
    CASE WHEN n %% 7 = 0 THEN 'financial' ELSE 'non_financial' END, CASE WHEN n %% 7 = 0 THEN 10000 + pg_temp.pick(n, 3, 900000) END,
    %(today)s::date - 200 + pg_temp.pick(n, 4, 400), 'none', s,
    CASE WHEN s IN ('declared', 'confirmed', 'contested') THEN %(now)s - interval '30 days' END,
    CASE WHEN s IN ('declared', 'confirmed', 'contested') THEN 'Livré, donnée synthétique.' ELSE '' END,
    CASE WHEN s = 'confirmed' THEN %(now)s - interval '10 days' END, CASE WHEN s = 'contested' THEN %(now)s - interval '20 days' END,
    CASE WHEN s = 'contested' THEN 'Le livrable n''est pas complet.' ELSE '' END, '', '', ''
FROM generate_series(%(first)s, %(last)s::bigint) n, LATERAL (SELECT 1 + (n - 1) / 250 c,
    (ARRAY['planned', 'planned', 'in_progress', 'in_progress', 'declared', 'confirmed', 'confirmed', 'contested'])[
        1 + pg_temp.pick(n, 5, 8)] s) facts
"""

ACTIONS: Final = """
INSERT INTO partnership_action (id, created_at, updated_at, convention_id, axis_id, commitment_id, organisation_id, responsible_id, title,
    description, priority, starts_on, due_on, progress, status, status_reason, outcome, done_at, verified_at, source)
SELECT pg_temp.volume_id('actions', n), pg_temp.volume_born(n), %(now)s - pg_temp.pick(n, 9, 90) * interval '1 day',
    pg_temp.volume_id('conventions', c), pg_temp.volume_id('axes', (c - 1) * 5 + 1 + pg_temp.pick(n, 1, 5)),
    CASE WHEN n %% 2 = 0 THEN pg_temp.volume_id('commitments', (c - 1) * 250 + 1 + pg_temp.pick(n, 2, 250)) END,
    pg_temp.volume_id('organisations', owner), CASE WHEN owner <= %(organisations)s / 10 THEN pg_temp.volume_id('people', owner) END,
    CASE WHEN n %% 5 = 0
        THEN (ARRAY['إعداد دليل الزائر', 'تنظيم لقاء مهني', 'تصوير شريط ترويجي', 'تكوين المرشدين'])[1 + pg_temp.pick(n, 3, 4)] || ' ' || n
        ELSE (ARRAY['Préparer le guide du visiteur', 'Organiser une rencontre professionnelle', 'Tourner un film promotionnel',
            'Former les guides à l''accueil', 'Améliorer l''efficacité énergétique', 'Négocier une liaison aérienne d''été'])[
            1 + pg_temp.pick(n, 3, 6)] || ', action ' || n END,
    'Donnée synthétique de volume. Réunir les opérateurs concernés, écrire le programme, le faire valider puis le mettre en œuvre.',
    (ARRAY['low', 'normal', 'normal', 'high'])[1 + pg_temp.pick(n, 4, 4)],
    %(today)s::date - 220 + due, %(today)s::date - 200 + due, CASE s WHEN 'todo' THEN 0 WHEN 'in_progress' THEN 40 ELSE 100 END, s,
    CASE WHEN s = 'blocked' THEN 'Une pièce manque.' ELSE '' END, CASE WHEN s IN ('done', 'verified') THEN 'Fait.' ELSE '' END,
    CASE WHEN s IN ('done', 'verified') THEN %(now)s - interval '15 days' END,
    CASE WHEN s = 'verified' THEN %(now)s - interval '5 days' END,
    ''
FROM generate_series(%(first)s, %(last)s::bigint) n, LATERAL (SELECT 1 + (n - 1) / 1000 c, pg_temp.pick(n, 5, 400) due,
    1 + pg_temp.pick(n, 7, %(organisations)s) owner,
    (ARRAY['todo', 'todo', 'in_progress', 'in_progress', 'blocked', 'done', 'verified', 'verified'])[1 + pg_temp.pick(n, 6, 8)] s) facts
"""

EVIDENCE: Final = """
INSERT INTO partnership_evidence (id, created_at, updated_at, organisation_id, action_id, title, url, fact_on, received_on)
SELECT pg_temp.volume_id('evidence', n), pg_temp.volume_born(n), pg_temp.volume_born(n), a.organisation_id, a.id,
    'Compte rendu synthétique ' || n, 'https://volume.invalid/' || n, %(today)s::date - 20, %(today)s::date - 15
FROM generate_series(%(first)s, %(last)s::bigint) n JOIN partnership_action a ON a.id = pg_temp.volume_id('actions', n * 10)
"""
