{{/* Sinks that are said, as a list in JSON. */}}
{{- define "hivetap.sinks" -}}
{{- $sinks := default list .Values.config.sinks -}}
{{- if .Values.kafka.enabled -}}
{{- $_ := required "kafka.brokers is to be said where kafka.enabled is true: [HOST:9092]" .Values.kafka.brokers -}}
{{- $sinks = prepend $sinks (merge (dict "type" "kafka") (omit .Values.kafka "enabled")) -}}
{{- end -}}
{{- if eq .Values.output "json" -}}
{{- $sinks = append $sinks (dict "type" "stdout") -}}
{{- else if and $sinks (eq .Values.output "table") -}}
{{- $sinks = append $sinks (dict "type" "stdout" "format" "table") -}}
{{- end -}}
{{- dict "list" $sinks | toJson -}}
{{- end }}

{{/* `table` or `agent`: what runs. */}}
{{- define "hivetap.mode" -}}
{{- $sinks := (include "hivetap.sinks" . | fromJson).list -}}
{{- if and (not $sinks) (has .Values.output (list "table" "auto")) -}}
table
{{- else -}}
{{- if not $sinks }}{{ fail "output: none takes a sink: kafka.enabled, or config.sinks" }}{{ end -}}
agent
{{- end -}}
{{- end }}

{{/* The arguments of hivetap, as a list in JSON. */}}
{{- define "hivetap.args" -}}
{{- $args := list "agent" "--config" "/etc/hivetap/hivetap.yaml" -}}
{{- if eq (include "hivetap.mode" .) "table" -}}
{{- range .Values.tools }}{{ if not (kindIs "string" .) }}{{ fail "A tool with options is the agent’s: a table takes names in tools, and flags in args" }}{{ end }}{{ end -}}
{{- if eq (len .Values.tools) 1 -}}
{{- $args = list (first .Values.tools) -}}
{{- else -}}
{{- $args = list "trace" (join "," .Values.tools) -}}
{{- end -}}
{{- $args = concat $args .Values.args -}}
{{- else if .Values.args -}}
{{- fail "args are flags of a table’s tool; the agent’s keys are said in config" -}}
{{- end -}}
{{- dict "list" $args | toJson -}}
{{- end }}

{{/* The agent’s configuration. */}}
{{- define "hivetap.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config "tools" .Values.tools -}}
{{- $_ := set $config "sinks" (include "hivetap.sinks" . | fromJson).list -}}
{{- $_ := set $config "health" (dict "socket" "/run/hivetap/health.sock") -}}
{{- if ne .Values.spool.kind "memory" -}}
{{- $_ := set $config "spool" (merge (dict "dir" "/var/lib/hivetap") (default dict $config.spool)) -}}
{{- end -}}
{{- if .Values.pin.enabled -}}
{{- if ne .Values.spool.kind "hostPath" }}{{ fail "pin.enabled takes spool.kind hostPath: the next pod goes on from what is on disk" }}{{ end -}}
{{- $_ := set $config "pin" .Values.pin -}}
{{- end -}}
{{- toYaml $config -}}
{{- end }}
