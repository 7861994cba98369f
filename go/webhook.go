package kamera

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// webhookServer never listens: what is registered on it is called by Kamera.
type webhookServer struct {
	webhook.Server
	served []servedWebhook
}

// servedWebhook is what Kamera is told of a webhook.
type servedWebhook struct {
	Path string         `json:"path"`
	Role string         `json:"role"`
	Type *typeReference `json:"type,omitempty"`
}

func newWebhookServer() *webhookServer {
	return &webhookServer{Server: webhook.NewServer(webhook.Options{})}
}

func (s *webhookServer) Start(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

func (s *webhookServer) Register(path string, hook http.Handler) {
	s.Server.Register(path, hook)
	s.served = append(s.served, servedWebhook{Path: path, Role: roleOf(path, hook)})
}

// roleOf tells what a webhook of controller-runtime's builder does.
func roleOf(path string, hook http.Handler) string {
	if w, ok := hook.(*admission.Webhook); ok {
		switch name := strings.ToLower(fmt.Sprintf("%T", w.Handler)); {
		case strings.Contains(name, "admission.default"):
			return "mutating"
		case strings.Contains(name, "admission.validator"):
			return "validating"
		}
		return "other"
	}
	if path == "/convert" {
		return "conversion"
	}
	return "other"
}

// builtFor finds the kind whose name the builder has put into a path.
func builtFor(w servedWebhook, resources map[resourceKey]resourceInfo) *typeReference {
	for _, r := range resources {
		suffix := strings.ReplaceAll(r.Group, ".", "-") + "-" + r.Version + "-" + strings.ToLower(r.Kind)
		if w.Role == "mutating" && w.Path == "/mutate-"+suffix || w.Role == "validating" && w.Path == "/validate-"+suffix {
			t := referenceTo(schema.GroupVersionKind{Group: r.Group, Version: r.Version, Kind: r.Kind})
			return &t
		}
	}
	return nil
}

// webhooks of the current instance.
func (h *host) webhooks() []servedWebhook {
	served := []servedWebhook{}
	for _, w := range h.current.webhooks.served {
		w.Type = builtFor(w, h.resources)
		served = append(served, w)
	}
	return served
}

type reviewedMessage struct {
	Type     string          `json:"type"`
	Response json.RawMessage `json:"response,omitempty"`
	Failed   string          `json:"failed,omitempty"`
}

// review asks the operator's webhook, by the handler that its HTTP server would call.
func (h *host) review(o order) {
	if h.current == nil {
		if err := h.renew(); err != nil {
			h.wire.send(unableMessage{Type: "unable", Message: err.Error()})
			return
		}
	}
	body, _ := json.Marshal(map[string]any{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": o.Review})
	answered := make(chan *webhookResponse, 1)
	h.wire.begin(nil)
	go h.serveWebhook(o.Path, body, answered)
	var response *webhookResponse
	timer := time.NewTimer(stuckAfter)
	select {
	case response = <-answered:
		timer.Stop()
	case <-timer.C:
		h.sendStuck("the webhook")
	}
	settle()
	if late, _ := h.wire.end(); len(late) > 0 {
		h.wire.send(unableMessage{Type: "unable", Message: "the webhook left a goroutine that called " + strings.Join(late, ", ") + " after its end"})
		return
	}
	if response.panicked != "" {
		h.wire.send(unableMessage{Type: "unable", Message: response.panicked, Site: siteOf(response.stack), Stack: response.stack})
		return
	}
	var review struct {
		Response json.RawMessage `json:"response"`
	}
	if response.code != http.StatusOK {
		h.wire.send(reviewedMessage{Type: "reviewed", Failed: fmt.Sprintf("it answered %d: %s", response.code, strings.TrimSpace(response.body.String()))})
		return
	}
	if err := json.Unmarshal(response.body.Bytes(), &review); err != nil || review.Response == nil {
		h.wire.send(reviewedMessage{Type: "reviewed", Failed: "its answer is no AdmissionReview"})
		return
	}
	h.wire.send(reviewedMessage{Type: "reviewed", Response: review.Response})
}

func (h *host) serveWebhook(path string, body []byte, answered chan<- *webhookResponse) {
	response := &webhookResponse{code: http.StatusOK, header: http.Header{}}
	defer func() {
		if p := recover(); p != nil {
			response.panicked, response.stack = fmt.Sprintf("panic: %v", p), afterPanic(string(debug.Stack()))
		}
		answered <- response
	}()
	request, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://kamera"+path, bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	h.current.webhooks.WebhookMux().ServeHTTP(response, request)
}

// webhookResponse is an http.ResponseWriter.
type webhookResponse struct {
	code     int
	header   http.Header
	body     bytes.Buffer
	panicked string
	stack    string
}

func (r *webhookResponse) Header() http.Header            { return r.header }
func (r *webhookResponse) WriteHeader(code int)           { r.code = code }
func (r *webhookResponse) Write(text []byte) (int, error) { return r.body.Write(text) }
