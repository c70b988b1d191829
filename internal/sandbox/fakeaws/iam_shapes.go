package fakeaws

import "strings"

type xmlTag struct{ Key, Value string }

type xmlBoundary struct {
	Type string `xml:"PermissionsBoundaryType"`
	Arn  string `xml:"PermissionsBoundaryArn"`
}

type xmlUser struct {
	Path                string
	UserName            string
	UserID              string `xml:"UserId"`
	Arn                 string
	CreateDate          string
	PasswordLastUsed    string           `xml:",omitempty"`
	PermissionsBoundary *xmlBoundary     `xml:",omitempty"`
	Tags                *members[xmlTag] `xml:",omitempty"`
}

// userShape is a user as GetUser shows it. ListUsers shows less: no tags and
// no boundary.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
func userShape(u *IAMUser) xmlUser {
	shape := shortUserShape(u)
	shape.PermissionsBoundary, shape.Tags = boundaryShape(u.Boundary), tagShapes(u.Tags)
	return shape
}

func shortUserShape(u *IAMUser) xmlUser {
	return xmlUser{
		Path: u.Path, UserName: u.Name, UserID: u.ID, Arn: u.arn(),
		CreateDate: stamp(u.CreatedAt), PasswordLastUsed: stamp(u.PasswordLastUsed),
	}
}

func boundaryShape(policy string) *xmlBoundary {
	if policy == "" {
		return nil
	}
	return &xmlBoundary{Type: "Policy", Arn: policy}
}

func tagShapes(tags []Tag) *members[xmlTag] {
	if len(tags) == 0 {
		return nil
	}
	return &members[xmlTag]{convert(tags, func(t Tag) xmlTag { return xmlTag(t) })}
}

type xmlGroup struct {
	Path       string
	GroupName  string
	GroupID    string `xml:"GroupId"`
	Arn        string
	CreateDate string
}

func groupShape(g *IAMGroup) xmlGroup {
	return xmlGroup{Path: g.Path, GroupName: g.Name, GroupID: g.ID, Arn: g.arn(), CreateDate: stamp(g.CreatedAt)}
}

type xmlAttached struct {
	PolicyName string
	PolicyArn  string
}

func attachedShapes(policies []string) []xmlAttached {
	return convert(policies, func(policy string) xmlAttached {
		return xmlAttached{PolicyName: policy[strings.LastIndex(policy, "/")+1:], PolicyArn: policy}
	})
}
