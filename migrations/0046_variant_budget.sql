-- Variants can be made again, so they may be given a budget: what they take together, and when each was read last.
-- By the day: whoever reads one writes that once a day at most.
ALTER TABLE variants ADD COLUMN used_on date NOT NULL DEFAULT CURRENT_DATE;
CREATE INDEX variants_used_on ON variants (used_on, hash, width, media_type);

-- One row, locked last of all by whoever stores or deletes variants.
CREATE TABLE variants_total (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    bytes   bigint NOT NULL
);
INSERT INTO variants_total (bytes) SELECT coalesce(sum(octet_length(data)), 0) FROM variants;
