-- What holds for the whole job. Names in double braces are filled in by the runner (analysis/flink/script.mjs).

SET 'pipeline.name' = 'hivetap';
-- Windows begin at full minutes of UTC, and times are written in it.
SET 'table.local-time-zone' = 'UTC';
-- A partition that is empty, or falls silent, holds up nobody for longer than this.
SET 'table.exec.source.idle-timeout' = '{{idle_timeout}}';
-- How long it is remembered which events were there (to tell copies), and what an epoch said last (to tell what came since).
-- Windows have a state of their own, which goes with the window. It is a tenth more than is asked for: what was remembered when
-- something happened still is when it is seen.
SET 'table.exec.state.ttl' = '{{state_ttl}}';
SET 'parallelism.default' = '{{parallelism}}';
-- Nothing is counted twice after a restart: what was counted and how far the topic was read are kept together.
SET 'execution.checkpointing.interval' = '{{checkpoint_interval}}';
-- What several questions have in common is planned by itself, and done once: without this each would remember by itself what was
-- there.
SET 'table.optimizer.reuse-optimize-block-with-digest-enabled' = 'true';
-- Rows are handed from one step to the next as they are: Flink's own steps change none that they were given.
SET 'pipeline.object-reuse' = 'true';
