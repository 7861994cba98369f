package kamera

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// objectText is an object of an answer. Kamera sends each once, and names it by its number from then on; so what was
// decoded of it is kept too.
type objectText struct {
	raw []byte
	// Of a kept object; 0: it is none.
	id int
	// By the Go type that it was asked for as. Nobody else has these.
	decoded map[reflect.Type]client.Object
}

func (t *objectText) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] != '{' && text[0] != 'n' {
		id, err := strconv.Atoi(string(text))
		t.id = id
		return err
	}
	t.raw = text
	return nil
}

// text of an answer that may have no object.
func (t *objectText) text() json.RawMessage {
	if t == nil {
		return nil
	}
	return t.raw
}

// keptObject comes with a message that has Kamera's answers.
type keptObject struct {
	ID     int             `json:"id"`
	Object json.RawMessage `json:"object"`
}

// keptObjects by number.
type keptObjects map[int]*objectText

// learn takes the objects that come with a message, and puts them in the place of their numbers.
func (k keptObjects) learn(o *order) {
	if o.Forget {
		clear(k)
	}
	for _, kept := range o.Objects {
		k[kept.ID] = &objectText{raw: kept.Object, id: kept.ID}
	}
	k.resolve(&o.answer)
	for i := range o.Ahead {
		k.resolve(&o.Ahead[i].Reply)
	}
}

func (k keptObjects) resolve(a *answer) {
	if a.Object != nil {
		a.Object = k.known(a.Object)
	}
	for i, item := range a.Items {
		a.Items[i] = k.known(item)
	}
}

func (k keptObjects) known(t *objectText) *objectText {
	if t.raw != nil {
		return t
	}
	if found, ok := k[t.id]; ok {
		return found
	}
	panic(fmt.Sprintf("kamera: object %d was never sent", t.id))
}

// decodeInto fills an object of any representation. What the caller gets is its own.
func (t *objectText) decodeInto(object client.Object, kind schema.GroupVersionKind) error {
	asked := reflect.TypeOf(object)
	if known, ok := t.decoded[asked]; ok {
		reflect.ValueOf(object).Elem().Set(reflect.ValueOf(known.DeepCopyObject()).Elem())
		object.GetObjectKind().SetGroupVersionKind(kind)
		return nil
	}
	clearObject(object)
	if err := decodeObject(t.raw, object, kind); err != nil {
		return err
	}
	if t.id != 0 {
		if t.decoded == nil {
			t.decoded = map[reflect.Type]client.Object{}
		}
		t.decoded[asked] = object.DeepCopyObject().(client.Object)
	}
	return nil
}
