{{- define "quern.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "quern.labels" -}}
app.kubernetes.io/name: quern
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* The options of `quern build`, but for the session time. */}}
{{- define "quern.arguments" -}}
{{- with .Values.target }}
- --target
- {{ . | quote }}
{{- end }}
{{- with .Values.threads }}
- --threads
- {{ . | quote }}
{{- end }}
{{- with .Values.selects }}
- --select
{{- range . }}
- {{ . | quote }}
{{- end }}
{{- end }}
{{- with .Values.excludes }}
- --exclude
{{- range . }}
- {{ . | quote }}
{{- end }}
{{- end }}
{{- with .Values.vars }}
- --vars
- {{ . | toJson | quote }}
{{- end }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{/* The pod of a Job; the command is that of who includes it. */}}
{{- define "quern.pod" -}}
metadata:
  labels:
    {{- include "quern.labels" .root | nindent 4 }}
  annotations:
    # Other profiles are another pod.
    checksum/profiles: {{ .root.Values.profiles | toJson | sha256sum }}
    {{- with .root.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  restartPolicy: Never
  automountServiceAccountToken: {{ ne .root.Values.serviceAccountName "" }}
  {{- with .root.Values.serviceAccountName }}
  serviceAccountName: {{ . }}
  {{- end }}
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: quern
      image: {{ printf "%s:%s" (required "image.repository is needed: the image with quern and the project" .root.Values.image.repository) .root.Values.image.tag | quote }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      workingDir: {{ .root.Values.project | quote }}
      command:
        {{- .command | nindent 8 }}
      args:
        {{- .arguments | nindent 8 }}
      env:
        - name: DBT_PROFILES_DIR
          value: /profiles
        # The root file system is read-only: what a run writes goes where it is gone with the pod.
        - name: DBT_TARGET_PATH
          value: /tmp/target
        - name: DBT_LOG_PATH
          value: /tmp/logs
        - name: HOME
          value: /tmp
        {{- with .environment }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- range $name, $value := .root.Values.env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
        {{- range .root.Values.secretEnv }}
        - name: {{ .name }}
          valueFrom:
            secretKeyRef:
              name: {{ .secret }}
              key: {{ .key }}
        {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      {{- with .root.Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: profiles
          mountPath: /profiles
          readOnly: true
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: {{ .root.Values.tmpSize }}
    - name: profiles
      configMap:
        name: {{ include "quern.name" .root }}-profiles
  {{- with .root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
