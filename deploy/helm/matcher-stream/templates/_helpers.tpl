{{- define "ms.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "ms.selector" -}}
app.kubernetes.io/name: matcher-stream
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "ms.labels" -}}
{{ include "ms.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "ms.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "ms.account" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "ms.name" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* What a pod is: nobody special, on a root file system that nobody writes to. */}}
{{- define "ms.pod" -}}
serviceAccountName: {{ include "ms.account" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "ms.container" -}}
image: {{ include "ms.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
envFrom:
  - configMapRef: {name: {{ include "ms.name" .root }}}
{{- end -}}

{{/* Secrets by reference: .root and .account (matcher, explainer or operator). */}}
{{- define "ms.secretEnv" -}}
{{- $secrets := .root.Values.secrets -}}
{{- $account := index $secrets .account -}}
{{- if $account.name }}
- name: MATCHER_SASL_USERNAME
  valueFrom: {secretKeyRef: {name: {{ $account.name }}, key: {{ $account.usernameKey }}}}
- name: MATCHER_SASL_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $account.name }}, key: {{ $account.passwordKey }}}}
{{- end }}
{{- if $secrets.ca.name }}
- {name: MATCHER_SSL_CAFILE, value: /etc/matcher/ca/{{ $secrets.ca.key }}}
{{- end }}
{{- if $secrets.clientTls.name }}
- {name: MATCHER_SSL_CERTFILE, value: /etc/matcher/tls/tls.crt}
- {name: MATCHER_SSL_KEYFILE, value: /etc/matcher/tls/tls.key}
{{- end }}
{{- if and $secrets.logs.name (ne .account "operator") }}
- name: MATCHER_LOG_KEY
  valueFrom: {secretKeyRef: {name: {{ $secrets.logs.name }}, key: {{ $secrets.logs.key }}}}
{{- end }}
{{- end -}}

{{- define "ms.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- with .Values.secrets.ca.name }}
- {name: ca, mountPath: /etc/matcher/ca, readOnly: true}
{{- end }}
{{- with .Values.secrets.clientTls.name }}
- {name: tls, mountPath: /etc/matcher/tls, readOnly: true}
{{- end }}
{{- end -}}

{{- define "ms.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
{{- with .Values.secrets.ca.name }}
- name: ca
  secret: {secretName: {{ . }}}
{{- end }}
{{- with .Values.secrets.clientTls.name }}
- name: tls
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- end -}}

{{- define "ms.probes" -}}
startupProbe:
  httpGet: {path: /ready, port: http}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: {{ div (add .seconds 4) 5 }}
readinessProbe:
  httpGet: {path: /ready, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
livenessProbe:
  httpGet: {path: /live, port: http}
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 3
{{- end -}}

{{- define "ms.spread" -}}
{{- range $key, $how := dict "kubernetes.io/hostname" .root.Values.topologySpread.hosts "topology.kubernetes.io/zone" .root.Values.topologySpread.zones }}
- topologyKey: {{ $key }}
  maxSkew: 1
  whenUnsatisfiable: {{ ternary "DoNotSchedule" "ScheduleAnyway" (eq $how "hard") }}
  labelSelector:
    matchLabels: {{- include "ms.selector" $ | nindent 6 }}
{{- end }}
{{- end -}}

{{- define "ms.placing" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "ms.env" -}}
{{- range $name, $value := . }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end -}}

{{/* Slowly up, more slowly down: each step is a rebalance. */}}
{{- define "ms.pace" -}}
scaleUp:
  stabilizationWindowSeconds: {{ .upEverySeconds }}
  policies: [{type: Pods, value: 1, periodSeconds: {{ .upEverySeconds }}}]
scaleDown:
  stabilizationWindowSeconds: {{ .calmSeconds }}
  policies: [{type: Pods, value: 1, periodSeconds: {{ .downEverySeconds }}}]
{{- end -}}
