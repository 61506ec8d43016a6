{{- define "hivetap.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "hivetap.fullname" -}}
{{- $name := include "hivetap.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "hivetap.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "hivetap.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{/* Of what is cluster-wide: two releases of one name may stand in two namespaces. */}}
{{- define "hivetap.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "hivetap.fullname" .) -}}
{{- end }}

{{/* What a DaemonSet finds its pods by: never changed. */}}
{{- define "hivetap.selector" -}}
app.kubernetes.io/name: {{ include "hivetap.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "hivetap.labels" -}}
{{ include "hivetap.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "hivetap.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end }}
