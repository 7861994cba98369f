package kamera

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// transport answers the HTTP requests of every client of this process: each becomes one call of the protocol.
type transport struct{ host *host }

func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		defer request.Body.Close()
	}
	c, resource, refusal := t.callOf(request)
	if refusal != nil {
		return respond(request, int(refusal.Code), refusal), nil
	}
	if resource.Kind == "Event" {
		// Kubernetes Events are no part of what is explored: no reconciler reads them.
		return respond(request, http.StatusCreated, c.Body), nil
	}
	answer := t.host.wire.ask(c)
	if answer.Status != nil {
		var status metav1.Status
		if err := decode(answer.Status, &status); err != nil {
			return nil, err
		}
		return respond(request, int(status.Code), answer.Status), nil
	}
	metadataOnly := strings.Contains(request.Header.Get("Accept"), "as=PartialObjectMetadata")
	switch c.Op {
	case "list":
		return respond(request, http.StatusOK, listOf(answer.Items, resource, metadataOnly)), nil
	case "delete", "deletecollection":
		return respond(request, http.StatusOK, metav1.Status{TypeMeta: statusType, Status: metav1.StatusSuccess}), nil
	}
	code := http.StatusOK
	if c.Op == "create" {
		code = http.StatusCreated
	}
	if metadataOnly {
		return respond(request, code, partial(answer.Object.text())), nil
	}
	return respond(request, code, answer.Object.text()), nil
}

var statusType = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}

func listOf(texts []*objectText, resource resourceInfo, metadataOnly bool) any {
	apiVersion, kind := resource.Version, resource.Kind+"List"
	if resource.Group != "" {
		apiVersion = resource.Group + "/" + resource.Version
	}
	items := make([]json.RawMessage, len(texts))
	for i, text := range texts {
		items[i] = text.raw
	}
	if metadataOnly {
		apiVersion, kind = "meta.k8s.io/v1", "PartialObjectMetadataList"
		for i, item := range items {
			items[i] = partial(item)
		}
	}
	return map[string]any{
		"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"resourceVersion": ""}, "items": items,
	}
}

func partial(object json.RawMessage) json.RawMessage {
	var whole struct {
		Metadata json.RawMessage `json:"metadata"`
	}
	_ = json.Unmarshal(object, &whole)
	text, _ := json.Marshal(map[string]any{
		"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": whole.Metadata,
	})
	return text
}

func respond(request *http.Request, code int, body any) *http.Response {
	text, isText := body.(json.RawMessage)
	if !isText {
		text, _ = json.Marshal(body)
	}
	return &http.Response{
		StatusCode:    code,
		Status:        fmt.Sprintf("%d %s", code, http.StatusText(code)),
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(text)),
		ContentLength: int64(len(text)),
		Request:       request,
	}
}

func refuse(code int, reason metav1.StatusReason, message string) *metav1.Status {
	return &metav1.Status{
		TypeMeta: statusType, Status: metav1.StatusFailure, Code: int32(code), Reason: reason, Message: message,
	}
}

var patchTypes = map[string]string{
	"application/json-patch+json":            "json",
	"application/merge-patch+json":           "merge",
	"application/strategic-merge-patch+json": "strategic",
	"application/apply-patch+yaml":           "apply",
	"application/apply-patch+json":           "apply",
}

// callOf reads a request to the API server.
func (t *transport) callOf(request *http.Request) (call, resourceInfo, *metav1.Status) {
	path, resource, ok := t.parse(request.URL.Path)
	if !ok {
		return call{}, resource, refuse(http.StatusNotFound, metav1.StatusReasonNotFound,
			"the simulated API server does not serve "+request.URL.Path+" (is a CustomResourceDefinition missing in the scenario?)")
	}
	query := request.URL.Query()
	if watch := query.Get("watch"); watch == "true" || watch == "1" {
		return call{}, resource, refuse(http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed,
			"kamera: only watches of the manager's cache, or of informers that kamera.TakeInformers was given, are simulated")
	}
	c := call{
		Type:        typeReference{apiVersionOf(resource), resource.Kind},
		Namespace:   path.namespace,
		Name:        path.name,
		Subresource: path.subresource,
	}
	body, err := readBody(request)
	if err != nil {
		return call{}, resource, refuse(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	switch request.Method {
	case http.MethodGet:
		c.Op = "get"
		if path.name == "" {
			c.Op, c.LabelSelector, c.FieldSelector = "list", query.Get("labelSelector"), query.Get("fieldSelector")
		}
		return c, resource, nil
	case http.MethodPost:
		c.Op, c.Body = "create", body
		if c.Name == "" {
			c.Name = nameIn(body)
		}
	case http.MethodPut:
		c.Op, c.Body = "update", body
	case http.MethodPatch:
		c.Op, c.Body = "patch", body
		c.PatchType = patchTypes[strings.TrimSpace(strings.Split(request.Header.Get("Content-Type"), ";")[0])]
	case http.MethodDelete:
		c.Op = "delete"
		if path.name == "" {
			c.Op = "deletecollection"
		}
		options := map[string]any{}
		if len(body) > 0 {
			_ = json.Unmarshal(body, &options)
			delete(options, "kind")
			delete(options, "apiVersion")
		}
		c.Options = options
	default:
		return call{}, resource, refuse(http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed, request.Method)
	}
	addOptions(&c, query)
	return c, resource, nil
}

// addOptions takes what the query says of a write.
func addOptions(c *call, query url.Values) {
	options := c.Options
	if options == nil {
		options = map[string]any{}
	}
	for _, name := range []string{"labelSelector", "fieldSelector", "propagationPolicy"} {
		if value := query.Get(name); value != "" {
			options[name] = value
		}
	}
	// Who manages a field matters only to an apply.
	if c.PatchType == "apply" {
		if manager := query.Get("fieldManager"); manager != "" {
			options["fieldManager"] = manager
		}
		if query.Get("force") == "true" {
			options["force"] = true
		}
	}
	if query.Get("dryRun") == "All" {
		options["dryRun"] = []string{"All"}
	}
	if len(options) > 0 {
		c.Options = options
	} else {
		c.Options = nil
	}
}

func readBody(request *http.Request) (json.RawMessage, error) {
	if request.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(request.Body)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	if !json.Valid(body) {
		return nil, fmt.Errorf("the body of %s %s is not JSON", request.Method, request.URL.Path)
	}
	return body, nil
}

func nameIn(body []byte) string {
	var object struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	_ = json.Unmarshal(body, &object)
	return object.Metadata.Name
}

func apiVersionOf(r resourceInfo) string {
	if r.Group == "" {
		return r.Version
	}
	return r.Group + "/" + r.Version
}

type restPath struct{ namespace, name, subresource string }

// parse takes a path apart: /api/v1/namespaces/default/pods/web/status.
func (t *transport) parse(path string) (restPath, resourceInfo, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	var group, version string
	switch {
	case len(parts) > 2 && parts[0] == "api":
		version, parts = parts[1], parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		group, version, parts = parts[1], parts[2], parts[3:]
	default:
		return restPath{}, resourceInfo{}, false
	}
	var found restPath
	if parts[0] == "namespaces" && len(parts) > 2 {
		// What follows a namespace is a resource in it, or a subresource of the namespace itself.
		if _, ok := t.host.resources[resourceKey{group, version, parts[2]}]; ok {
			found.namespace, parts = parts[1], parts[2:]
		}
	}
	resource, ok := t.host.resources[resourceKey{group, version, parts[0]}]
	if !ok {
		return found, resource, false
	}
	if len(parts) > 1 {
		found.name = parts[1]
	}
	if len(parts) > 2 {
		found.subresource = strings.Join(parts[2:], "/")
	}
	return found, resource, true
}
